"""A plain HTTPS client: what the sandbox sends is looked at without the product's own wire."""

import json
import socket
import ssl
from base64 import b64encode
from dataclasses import dataclass
from http.client import HTTPMessage, HTTPSConnection
from typing import Any
from urllib.parse import urlencode

from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox


@dataclass
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def links(self) -> dict[str, str]:
        """Address by relation, from header lines of their own."""
        lines = [line.split(">; rel=") for line in self.headers.get_all("link", [])]
        return {relation.strip('"'): address.lstrip("<") for address, relation in lines}


class _Connection(HTTPSConnection):
    """Connects to the sandbox whatever the host, and verifies its certificate."""

    def __init__(self, sandbox: Sandbox, server_name: str) -> None:
        self._tls = ssl.create_default_context(cafile=sandbox.ca_bundle)
        # Given a context, http.client does not read the system's authorities: 20 ms each time.
        super().__init__(server_name, timeout=5, context=self._tls)
        self._address = ("127.0.0.1", sandbox.port)

    def connect(self) -> None:
        plain = socket.create_connection(self._address, timeout=5)
        # As http.client does itself: a body is sent after its headers, and must not wait.
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def basic(client_id: str, secret: str) -> str:
    return "Basic " + b64encode(f"{client_id}:{secret}".encode()).decode()


class Caller:
    """Calls one host over one connection that is kept alive."""

    def __init__(self, sandbox: Sandbox, host: str) -> None:
        self._connection = _Connection(sandbox, host)
        self.bearer = ""

    def call(
        self, method: str, path: str, *, body: str | bytes | None = None, **headers: str
    ) -> Answer:
        """Header names are keywords, underscores for hyphens."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.bearer and "authorization" not in sent:
            sent["authorization"] = f"Bearer {self.bearer}"
        self._connection.request(method, path, body, sent)
        response = self._connection.getresponse()
        return Answer(response.status, response.headers, response.read())

    def get(self, path: str, **headers: str) -> Answer:
        return self.call("GET", path, **headers)

    def ask_token(
        self,
        client_id: str,
        secret: str,
        scope: str,
        *,
        path: str = "/oauth2/v1/token",
        **form: str,
    ) -> Answer:
        fields = {"grant_type": "client_credentials", "scope": scope, **form}
        return self.send_form(path, fields, basic(client_id, secret))

    def send_form(self, path: str, fields: dict[str, str], authorization: str) -> Answer:
        return self.call(
            "POST",
            path,
            body=urlencode(fields),
            content_type="application/x-www-form-urlencoded",
            authorization=authorization,
        )

    def send(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Call with ``body`` as JSON, if there is one."""
        if body is None:
            return self.call(method, path, **headers)
        encoded = json.dumps(body, ensure_ascii=False).encode()
        return self.call(method, path, body=encoded, content_type="application/json", **headers)

    def sign_in(self, org: Org, *scopes: str) -> "Caller":
        """Fetch a token and send it from now on."""
        wanted = " ".join(scopes or sorted(org.granted))
        answer = self.ask_token(org.client_id, org.client_secret, wanted)
        self.bearer = answer.json()["access_token"]
        return self

    def close(self) -> None:
        self._connection.close()
