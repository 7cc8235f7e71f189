"""The whole suite stays on this machine: any other connection or name look-up fails the test."""

import ipaddress
import socket
from typing import Any

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_sendto = socket.socket.sendto
_getaddrinfo = socket.getaddrinfo


class NetworkRefused(RuntimeError):
    """Not an ``OSError``, so that no code under test takes it for an unreachable peer."""


def _refuse_unless_loopback(address: Any) -> None:
    if isinstance(address, tuple) and not _is_local(str(address[0])):
        raise NetworkRefused(f"A test tried to reach {address[0]!r}.")


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _guarded_connect(self: socket.socket, address: Any) -> None:
    _refuse_unless_loopback(address)
    _connect(self, address)


def _guarded_connect_ex(self: socket.socket, address: Any) -> int:
    _refuse_unless_loopback(address)
    return _connect_ex(self, address)


def _guarded_sendto(self: socket.socket, data: Any, *rest: Any) -> int:
    _refuse_unless_loopback(rest[-1])
    return _sendto(self, data, *rest)


def _guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
    name = host.decode() if isinstance(host, bytes) else host
    if name not in (None, "", "localhost") and not _is_numeric(name):
        raise NetworkRefused(f"A test tried to look up {name!r}.")
    return _getaddrinfo(host, *args, **kwargs)


def _refuse_lookup(host: str, *_: Any) -> Any:
    raise NetworkRefused(f"A test tried to look up {host!r}.")


def refuse_network() -> None:
    """Put the guard in place for the rest of this process."""
    socket.socket.connect = _guarded_connect  # type: ignore[method-assign, assignment]
    socket.socket.connect_ex = _guarded_connect_ex  # type: ignore[method-assign, assignment]
    socket.socket.sendto = _guarded_sendto  # type: ignore[method-assign, assignment]
    socket.getaddrinfo = _guarded_getaddrinfo
    socket.gethostbyname = _refuse_lookup
    socket.gethostbyname_ex = _refuse_lookup
