"""Faults before there is a request: in the handshake, for a host."""

import socket
import ssl
from collections.abc import Callable

import pytest

from tenants.sandbox.faults import Status, Tls
from tenants.sandbox.faults.tls import Kind
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.raw import Raw

WELL_KNOWN = "/.well-known/okta-organization"


@pytest.mark.parametrize(
    ("kind", "error", "text"),
    [
        ("expired", ssl.SSLCertVerificationError, "certificate has expired"),
        ("wrong_name", ssl.SSLCertVerificationError, "Hostname mismatch"),
        ("unknown_authority", ssl.SSLCertVerificationError, "unable to get local issuer"),
        ("refuse", ssl.SSLError, "handshake failure"),
        ("old_version", ssl.SSLError, "alert protocol version"),
        ("garbage", ssl.SSLError, "(?i)wrong.version.number"),
        ("close", ssl.SSLEOFError, "EOF"),
        ("reset", ConnectionResetError, "reset"),
    ],
)
def test_a_handshake_can_fail_in_many_ways(
    sandbox: Sandbox, org: Org, kind: Kind, error: type[OSError], text: str
) -> None:
    sandbox.faults.add(Tls(kind=kind))

    with pytest.raises(error, match=text):
        Raw(sandbox, org.host)


def test_a_handshake_can_hang(sandbox: Sandbox, org: Org) -> None:
    sandbox.faults.add(Tls(kind="silence"))
    context = ssl.create_default_context(cafile=sandbox.ca_bundle)

    with (
        socket.create_connection(("127.0.0.1", sandbox.port), timeout=0.1) as plain,
        pytest.raises(TimeoutError),
    ):
        context.wrap_socket(plain, server_hostname=org.host)


def test_a_handshake_fault_meets_its_host_only(
    sandbox: Sandbox, org: Org, connect: Callable[[str], Caller]
) -> None:
    sandbox.faults.add(Tls(kind="refuse", host="globex.*", times=1))
    sandbox.add_org("globex.okta.com", apps=1)

    with pytest.raises(ssl.SSLError):
        connect("globex.okta.com").get(WELL_KNOWN)

    assert connect(org.host).get(WELL_KNOWN).status == 200
    assert connect("globex.okta.com").get(WELL_KNOWN).status == 200


def test_a_client_that_never_says_hello_waits_for_nothing(sandbox: Sandbox, org: Org) -> None:
    sandbox.faults.add(Tls(kind="refuse"))

    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=5) as plain:
        plain.shutdown(socket.SHUT_WR)

        assert plain.recv(100)[:1] in (b"", b"\x15")


def test_a_name_that_no_certificate_can_have_gets_no_faulty_one_either(
    sandbox: Sandbox, connect: Callable[[str], Caller], org: Org, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.faults.add(Tls(kind="expired", times=1))

    with pytest.raises(ConnectionResetError):
        Raw(sandbox, "a.-b.example")

    assert connect(org.host).get("/").status == 404
    assert caplog.text == ""


def test_faults_of_both_kinds_count_for_themselves(
    sandbox: Sandbox, org: Org, connect: Callable[[str], Caller]
) -> None:
    sandbox.faults.add(Tls(kind="refuse", nth=2))
    sandbox.faults.add(Status(status=502))

    assert connect(org.host).get(WELL_KNOWN).status == 502
    assert [fault["seen"] for fault in sandbox.faults.report()] == [1, 1]
