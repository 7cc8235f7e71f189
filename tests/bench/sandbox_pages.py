"""How many full list pages a second one sandbox process serves over one TLS connection."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tenants.sandbox.control import Control
from tests.bench.figure import Figure
from tests.sandbox.caller import basic
from tests.sandbox_process import HOST, sandbox_process

#: So that the sandbox is never what a benchmark or a test waits for.
GOAL_PAGES_PER_S = 500

PAGES = 2000
APPS_A_PAGE = 200


def measure() -> Figure:
    """Pages are read as raw bytes, so that the reader costs next to nothing."""
    with sandbox_process(apps=APPS_A_PAGE) as control, _connected(control) as connection:
        request = _page_request(_fetch_token(connection, control))
        _exchange(connection, request)
        began = time.perf_counter()
        for _ in range(PAGES):
            _exchange(connection, request)
        per_s = PAGES / (time.perf_counter() - began)
    told = f"{per_s:,.0f} pages of {APPS_A_PAGE} apps a second (goal {GOAL_PAGES_PER_S})"
    return Figure(told, holds=per_s >= GOAL_PAGES_PER_S)


@contextmanager
def _connected(control: Control) -> Iterator[ssl.SSLSocket]:
    context = ssl.create_default_context(cafile=control.credentials["ca_bundle"])
    address = ("127.0.0.1", control.credentials["port"])
    with (
        socket.create_connection(address, timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as connection,
    ):
        yield connection


def _fetch_token(connection: ssl.SSLSocket, control: Control) -> str:
    org = control.credentials["orgs"][0]
    form = b"grant_type=client_credentials&scope=okta.apps.read"
    lines = [
        "POST /oauth2/v1/token HTTP/1.1",
        f"host: {HOST}",
        f"authorization: {basic(org['client_id'], org['client_secret'])}",
        "content-type: application/x-www-form-urlencoded",
        f"content-length: {len(form)}",
    ]
    body = _exchange(connection, _head(lines) + form)
    return body.partition(b'"access_token":"')[2].partition(b'"')[0].decode()


def _page_request(token: str) -> bytes:
    path = f"/api/v1/apps?limit={APPS_A_PAGE}"
    return _head([f"GET {path} HTTP/1.1", f"host: {HOST}", f"authorization: Bearer {token}"])


def _head(lines: list[str]) -> bytes:
    return "\r\n".join([*lines, "", ""]).encode()


def _exchange(connection: ssl.SSLSocket, request: bytes) -> bytes:
    """Send a request and return the body of its answer.

    Raises:
        RuntimeError: the answer is no 200.
    """
    connection.sendall(request)
    head, _, body = _receive_head(connection).partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.partition(b"\r\n")[0].decode())
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    parts = [body]
    missing = length - len(body)
    while missing:
        parts.append(connection.recv(min(missing, 65_536)))
        missing -= len(parts[-1])
    return b"".join(parts)


def _receive_head(connection: ssl.SSLSocket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536)
    return received
