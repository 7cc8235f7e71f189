import socket
from argparse import ArgumentTypeError

import pytest

from oin_service.ports import LOOPBACK, free_port, port_is_free, port_number


def test_a_free_port_can_be_listened_on():
    port = free_port()

    with socket.socket() as server:
        server.bind((LOOPBACK, port))

    assert port_is_free(port)


def test_a_port_in_use_is_not_free():
    with socket.create_server((LOOPBACK, 0)) as server:
        assert not port_is_free(server.getsockname()[1])


@pytest.mark.parametrize("typed", ["1", "8000", "65535"])
def test_a_typed_port_is_a_number(typed):
    assert port_number(typed) == int(typed)


@pytest.mark.parametrize("typed", ["", "abc", "0", "65536", "-1", "8000.0", "٣"])
def test_what_is_no_port_is_refused_with_a_sentence(typed):
    with pytest.raises(ArgumentTypeError, match="a number from 1 to 65535"):
        port_number(typed)
