"""A mail server of the least kind: it takes every mail, and remembers the Message-IDs."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

from oin_service.ports import LOOPBACK

_ID = re.compile(rb"^Message-ID: <(.+)>", re.MULTILINE | re.IGNORECASE)


@contextmanager
def mail_server(port: int) -> Iterator[list[str]]:
    """Yields the ids of what it was given, one for each time."""
    taken: list[str] = []

    class Session(StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            while line := self.rfile.readline():
                word = line.split()[0].upper() if line.split() else b""
                if word == b"DATA":
                    self._say("354 go on")
                    taken.extend(found.decode() for found in _ID.findall(self._text()))
                self._say("221 bye" if word == b"QUIT" else "250 yes")

        def _text(self) -> bytes:
            lines = iter(self.rfile.readline, b".\r\n")
            return b"".join(line.replace(b"\r\n", b"\n") for line in lines)

        def _say(self, words: str) -> None:
            self.wfile.write(words.encode() + b"\r\n")

    with ThreadingTCPServer((LOOPBACK, port), Session) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        yield taken
        server.shutdown()
