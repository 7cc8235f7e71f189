"""The server as a server: connections, encodings, and clients that misbehave."""

import errno
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.raw import Raw


@pytest.fixture
def raw(sandbox: Sandbox, org: Org) -> Iterator[Raw]:
    with closing(Raw(sandbox, org.host)) as raw:
        yield raw


@pytest.mark.parametrize("name", ["a.-b.example", "a.b c.example", "x.*.example"])
def test_a_name_that_no_certificate_can_have_is_refused_in_the_handshake(
    sandbox: Sandbox, stranger: Caller, name: str
) -> None:
    context = ssl.create_default_context(cafile=sandbox.ca_bundle)

    with (
        socket.create_connection(("127.0.0.1", sandbox.port), timeout=5) as plain,
        pytest.raises(ssl.SSLError),
    ):
        context.wrap_socket(plain, server_hostname=name)

    assert stranger.get("/").status == 404


def test_a_machine_out_of_files_serves_again_later(
    sandbox: Sandbox, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept, failures = socket.socket.accept, [OSError(errno.EMFILE, "Too many open files")]

    def accept_later(listening: socket.socket) -> object:
        if failures:
            raise failures.pop()
        return accept(listening)

    monkeypatch.setattr(socket.socket, "accept", accept_later)

    with closing(Caller(sandbox, org.host)) as caller:
        assert caller.get("/").status == 404
    assert failures == []


def test_one_connection_serves_many_requests(client: Caller) -> None:
    statuses = {client.get("/api/v1/apps?limit=1").status for _ in range(20)}

    assert statuses == {200}


def test_a_client_that_does_not_know_the_authority_is_not_served(
    sandbox: Sandbox, org: Org
) -> None:
    context = ssl.create_default_context()

    with (
        socket.create_connection(("127.0.0.1", sandbox.port), timeout=5) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        context.wrap_socket(plain, server_hostname=org.host)


def test_each_suffix_has_a_certificate(sandbox: Sandbox, connect: Callable[[str], Caller]) -> None:
    hosts = [f"acme.{suffix}" for suffix in sandbox.dial]

    assert {connect(host).get("/").status for host in hosts} == {404}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(b"nonsense\r\n\r\n", b"400", id="not http"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", b"400", id="no host"),
        pytest.param(
            b"POST / HTTP/1.1\r\nhost: acme.okta.com\r\ncontent-length: 3000000\r\n\r\n"
            + b"x" * 2_100_000,
            b"413",
            id="too large",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_and_the_connection_closed(
    raw: Raw, sent: bytes, status: bytes
) -> None:
    raw.send(sent)
    answer = raw.receive_all()

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"connection: close" in answer


def test_a_client_that_hangs_up_harms_nobody(raw: Raw, stranger: Caller) -> None:
    raw.send(b"GET /.well-known/okta-organization HTTP/1.1\r\nhost: acme")
    raw.close()

    assert stranger.get("/.well-known/okta-organization").status == 200


def test_head_and_bodies_are_framed(stranger: Caller) -> None:
    answer = stranger.call("HEAD", "/.well-known/okta-organization")

    assert (answer.status, answer.body) == (405, b"")
    assert stranger.get("/.well-known/okta-organization").status == 200


def test_an_org_can_be_slow(stranger: Caller, org: Org) -> None:
    org.delay_s = 0.05
    began = time.perf_counter()

    stranger.get("/.well-known/okta-organization")

    assert time.perf_counter() - began >= 0.05


def test_the_sandbox_stops_with_connections_open_and_answers_pending(tmp_path: Path) -> None:
    with Sandbox(directory=tmp_path) as sandbox:
        org = sandbox.add_org("acme.okta.com", apps=1)
        org.delay_s = 60
        context = ssl.create_default_context(cafile=sandbox.ca_bundle)
        plain = socket.create_connection(("127.0.0.1", sandbox.port), timeout=5)
        connection = context.wrap_socket(plain, server_hostname=org.host)
        connection.sendall(b"GET / HTTP/1.1\r\nhost: acme.okta.com\r\n\r\n")
    connection.close()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", sandbox.port), timeout=5)


def test_a_taken_port_is_an_error_at_once(sandbox: Sandbox, tmp_path: Path) -> None:
    with (
        pytest.raises(OSError, match=r"(?i)address already in use"),
        Sandbox(directory=tmp_path, port=sandbox.port),
    ):
        pass
