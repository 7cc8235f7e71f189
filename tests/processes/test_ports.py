import socket

from oin_service.ports import LOOPBACK, free_port, port_is_free


def test_a_free_port_can_be_listened_on():
    port = free_port()

    with socket.socket() as server:
        server.bind((LOOPBACK, port))

    assert port_is_free(port)


def test_a_port_in_use_is_not_free():
    with socket.create_server((LOOPBACK, 0)) as server:
        assert not port_is_free(server.getsockname()[1])
