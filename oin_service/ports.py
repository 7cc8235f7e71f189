"""Loopback ports: a free one to take, and whether a given one is."""

import socket
from argparse import ArgumentTypeError

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A loopback TCP port that nothing used a moment ago."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def port_number(text: str) -> int:
    """A port as somebody typed it, for argparse."""
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is no port: give a number from 1 to 65535.")


def port_is_free(port: int) -> bool:
    """Whether a server could listen on this loopback port now."""
    with socket.socket() as probe:
        # As servers do: a port is not busy because old connections of it linger in TIME_WAIT.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def page_answers(port: int, path: str) -> bool:
    """Whether the web server on this loopback port answers a GET of ``path`` with status 200."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=5) as web:
            web.sendall(f"GET {path} HTTP/1.0\r\nHost: {LOOPBACK}\r\n\r\n".encode())
            status_line = web.makefile("rb").readline()
    except OSError:
        return False
    return status_line.split()[1:2] == [b"200"]
