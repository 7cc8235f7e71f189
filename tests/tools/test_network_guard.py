"""The guard itself: no test of this suite leaves the machine, whatever it tries."""

import socket

import pytest

from oin_service.ports import LOOPBACK
from tests.network import NetworkRefused


@pytest.mark.parametrize("address", [("192.0.2.1", 443), ("2001:db8::1", 443), ("0.0.0.1", 443)])
def test_no_connection_leaves_the_machine(address):
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET

    with socket.socket(family) as outbound, pytest.raises(NetworkRefused):
        outbound.connect(address)
    with socket.socket(family) as outbound, pytest.raises(NetworkRefused):
        outbound.connect_ex(address)


def test_no_datagram_leaves_the_machine():
    with socket.socket(type=socket.SOCK_DGRAM) as outbound, pytest.raises(NetworkRefused):
        outbound.sendto(b"hello", ("192.0.2.1", 53))


@pytest.mark.parametrize("look_up", [lambda n: socket.getaddrinfo(n, 443), socket.gethostbyname])
def test_no_name_is_looked_up(look_up):
    with pytest.raises(NetworkRefused):
        look_up("acme.okta.com")


def test_a_refusal_is_not_taken_for_an_unreachable_peer():
    assert not issubclass(NetworkRefused, OSError)


def test_loopback_is_open():
    with (
        socket.create_server((LOOPBACK, 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()
