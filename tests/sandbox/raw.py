"""A TLS connection that sends what it likes and sees every byte that comes back."""

import os
import socket
import ssl

from tenants.sandbox.server import Sandbox


class Raw:
    def __init__(self, sandbox: Sandbox, host: str) -> None:
        context = ssl.create_default_context(cafile=sandbox.ca_bundle)
        plain = socket.create_connection(("127.0.0.1", sandbox.port), timeout=5)
        try:
            self.connection = context.wrap_socket(plain, server_hostname=host)
        except OSError:
            plain.close()
            raise
        self._host = host

    def ask(self, path: str, *, bearer: str = "", method: str = "GET", **headers: str) -> None:
        """Send a request without a body; header names are keywords, underscores for hyphens."""
        lines = [f"{method} {path} HTTP/1.1", f"host: {self._host}"]
        lines += [f"authorization: Bearer {bearer}"] if bearer else []
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def send(self, data: bytes) -> None:
        self.connection.sendall(data)

    def receive_all(self) -> bytes:
        """Everything until the sandbox ends the connection."""
        received = b""
        while data := self.connection.recv(65_536):
            received += data
        return received

    def receive(self, size: int) -> bytes:
        """The first so many bytes of what comes, and perhaps a few more."""
        received = b""
        while len(received) < size and (data := self.connection.recv(65_536)):
            received += data
        return received

    def receive_undecrypted(self) -> bytes:
        """As ``receive_all`` below TLS, which takes a reset for an end."""
        received = b""
        with socket.socket(fileno=os.dup(self.connection.fileno())) as plain:
            plain.settimeout(5)
            while data := plain.recv(65_536):
                received += data
        return received

    def close(self) -> None:
        self.connection.close()
