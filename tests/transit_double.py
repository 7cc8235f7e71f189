"""Stands in for HashiCorp Vault, whose program is not to be had here.

Written after its API documentation and the words of its source, and stricter than the real one:
what it does not know it refuses. It proves that we speak as documented, and not that Vault does.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import urandom
from threading import Thread
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TOKEN = "hvs.token-of-this-test"


class Refused(Exception):
    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status
        self.said = said


class TransitDouble:
    def __init__(self, url: str) -> None:
        self.url = url
        self.keys = {name: AESGCM(urandom(32)) for name in ("one", "two")}
        #: What it answers to everything, instead of doing it: status and body.
        self.answers: tuple[int, bytes] | None = None

    def do(self, path: str, token: str | None, body: dict[str, str]) -> dict[str, str]:
        if token != TOKEN:
            raise Refused(403, "permission denied")
        match path.split("/"):
            case ["", "v1", "transit", ("encrypt" | "decrypt") as act, name] if name in self.keys:
                return getattr(self, f"_{act}")(self.keys[name], **body)
        raise Refused(404, "no handler for route")

    def _encrypt(self, key: AESGCM, plaintext: str, associated_data: str) -> dict[str, str]:
        nonce = urandom(12)
        sealed = key.encrypt(nonce, _plain(plaintext), _plain(associated_data))
        return {"ciphertext": f"vault:v1:{base64.b64encode(nonce + sealed).decode()}"}

    def _decrypt(self, key: AESGCM, ciphertext: str, associated_data: str) -> dict[str, str]:
        prefix, version, body = ciphertext.split(":", 2)
        if (prefix, version) != ("vault", "v1"):
            raise Refused(400, "invalid ciphertext: version is too new")
        try:
            sealed = base64.b64decode(body, validate=True)
        except ValueError:
            raise Refused(400, "invalid ciphertext: could not decode base64") from None
        if len(sealed) < 12 + 16:
            raise Refused(400, "invalid ciphertext length")
        try:
            plain = key.decrypt(sealed[:12], sealed[12:], _plain(associated_data))
        except InvalidTag:
            raise Refused(400, "cipher: message authentication failed") from None
        return {"plaintext": base64.b64encode(plain).decode()}


@contextmanager
def running_double() -> Iterator[TransitDouble]:
    """On a port of its own, on loopback."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.double = TransitDouble(f"http://127.0.0.1:{server.server_port}")  # type: ignore[attr-defined]
    serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    serving.start()
    try:
        yield server.double  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        double: TransitDouble = self.server.double  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if double.answers:
            self._answer(*double.answers)
            return
        try:
            data = double.do(self.path, self.headers["X-Vault-Token"], json.loads(body))
        except Refused as refused:
            self._answer(refused.status, json.dumps({"errors": [refused.said]}).encode())
        else:
            self._answer(200, json.dumps({"request_id": "r", "data": data}).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Nothing of it belongs into the tests' output."""


def _plain(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
