"""A TLS server on loopback that plays an org byte by byte, well or badly behaved."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import trustme

#: Gets the request's bytes and the connection, and writes whatever it likes.
Script = Callable[[bytes, ssl.SSLSocket], None]


def answer(body: bytes = b"{}", *lines: str, status: str = "200 OK") -> Script:
    """A script that sends one complete JSON answer, with more header ``lines`` if given."""
    head = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    raw = "\r\n".join([*head, *lines, "", ""]).encode() + body
    return lambda _, connection: connection.sendall(raw)


def raw(text: bytes) -> Script:
    """A script that sends ``text`` as it is and hangs up."""

    def play(_: bytes, connection: ssl.SSLSocket) -> None:
        connection.sendall(text)
        connection.close()

    return play


@dataclass
class LoopbackOrg:
    """Serves one connection at a time; ``requests`` holds the bytes of each request it got."""

    authority: trustme.CA
    script: Script
    name: str = "acme.okta.com"
    newest_tls: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    def __enter__(self) -> Self:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.maximum_version = self.newest_tls
        self.authority.issue_cert(self.name).configure_cert(self._context)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        with suppress(OSError), socket.create_connection(self.address, timeout=1):
            pass  # wakes the accept
        self._thread.join(timeout=10)
        self._listener.close()

    @property
    def address(self) -> tuple[str, int]:
        host, port = self._listener.getsockname()
        return str(host), int(port)

    def _serve(self) -> None:
        while not self._closing.is_set():
            plain, _ = self._listener.accept()
            self.connections += 1
            with plain, suppress(OSError):
                plain.settimeout(5)
                with self._context.wrap_socket(plain, server_side=True) as connection:
                    self._answer_all(connection)

    def _answer_all(self, connection: ssl.SSLSocket) -> None:
        while request := _read_request(connection):
            self.requests.append(request)
            self.script(request, connection)


def _read_request(connection: ssl.SSLSocket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        received = connection.recv(65536)
        if not received:
            return b""
        data += received
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
