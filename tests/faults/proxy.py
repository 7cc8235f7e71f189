"""A way to PostgreSQL on which connections are cut while a COMMIT is under way."""

import socket
import threading
from contextlib import suppress
from random import Random
from typing import Self
from urllib.parse import urlsplit

from oin_service.ports import LOOPBACK

_COMMIT = b"COMMIT\x00"
_PIECE = 64 * 1024


class CommitCutter:
    """Cuts a ``share`` of all commits: half of them before the server has heard of them.

    The other half the server carries out, and nobody tells the client.
    """

    def __init__(self, url: str, random: Random, share: float) -> None:
        parts = urlsplit(url)
        self._server = (str(parts.hostname), int(parts.port or 0))
        self._listener = socket.create_server((LOOPBACK, 0))
        self._random, self._share = random, share
        port = self._listener.getsockname()[1]
        self.url = parts._replace(netloc=f"{parts.username}@{LOOPBACK}:{port}").geturl()
        self.cuts = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._share = 0
        self._listener.close()

    def stop_cutting(self) -> None:
        self._share = 0

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError), socket.create_connection(self._server) as server:
            threading.Thread(target=_pour, args=(server, client), daemon=True).start()
            try:
                self._pass_on(client, server)
            finally:
                # Closing alone would not do: the other thread still listens to it.
                server.shutdown(socket.SHUT_RDWR)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        while piece := client.recv(_PIECE):
            if _COMMIT in piece and self._random.random() < self._share:
                self.cuts += 1
                self._cut(client, server, piece)
                return
            server.sendall(piece)

    def _cut(self, client: socket.socket, server: socket.socket, piece: bytes) -> None:
        client.shutdown(socket.SHUT_RDWR)
        if self._random.random() < 0.5:
            server.sendall(piece)
            server.shutdown(socket.SHUT_WR)
            # It has answered, to nobody, when it ends the connection.
            server.settimeout(5)
            while server.recv(_PIECE):
                pass


def _pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
