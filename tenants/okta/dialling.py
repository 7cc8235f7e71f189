"""Dialling an org: its name looked up once, its addresses checked, its bytes bounded in time.

The sockets of `tenants.okta.egress`; nothing else comes here.
"""

import functools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress

import httpcore2

from tenants.okta.addresses import is_public
from tenants.okta.errors import EgressRefused

HTTPS = 443
MAX_ADDRESSES = 4
#: The most that one TLS record carries, RFC 8446 §5.1.
TLS_RECORD = 16_384
READ_AHEAD = 16 * TLS_RECORD

#: Takes a host and gives its numeric addresses, v4 and v6.
Resolver = Callable[[str], list[str]]


def resolve(host: str) -> list[str]:
    """Every address DNS gives for ``host``, in the resolver's order. Raises OSError."""
    found = socket.getaddrinfo(host, HTTPS, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Deadline:
    """The end of the exchange under way; every socket operation gets at most what is left.

    ``sent`` tells whether any of the request has left: the handshake is not part of it.
    """

    def __init__(self) -> None:
        self._end = 0.0
        self.sent = False

    def start(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self.sent = False

    def allow(self, seconds: float | None) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("out of time")
        return left if seconds is None else min(seconds, left)


class Backend(httpcore2.NetworkBackend):
    """Dials an org at an address we have checked, so that DNS cannot answer twice differently."""

    def __init__(
        self,
        dial: Mapping[str, tuple[str, int]],
        connect_s: float,
        deadline: Deadline,
        resolver: Resolver,
    ) -> None:
        """``dial`` and ``connect_s`` as in `tenants.okta.egress.EgressPolicy`."""
        self._dial = dial
        self._connect_s = connect_s
        self._deadline = deadline
        self._resolver = resolver
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        problem: httpcore2.NetworkError | httpcore2.TimeoutException | None = None
        for address, at in self._addresses(host):
            try:
                stream = self._sockets.connect_tcp(address, at, self._deadline.allow(timeout))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as exc:
                problem = exc
            else:
                return BoundedStream(stream, self._deadline)
        raise problem or httpcore2.ConnectError("no address")

    def _addresses(self, host: str) -> list[tuple[str, int]]:
        for suffix, dialled in self._dial.items():
            if f".{host}".endswith(f".{suffix}"):
                return [dialled]
        addresses = self._look_up(host)
        if not all(map(is_public, addresses)):
            raise EgressRefused("the host resolves to an address that is not public")
        return [(address, HTTPS) for address in addresses[:MAX_ADDRESSES]]

    def _look_up(self, host: str) -> list[str]:
        """Ask the resolver in a thread of its own: the system's takes no time limit."""
        found: Future[list[str]] = Future()

        def ask() -> None:
            try:
                found.set_result(self._resolver(host))
            except Exception as exc:
                found.set_exception(exc)

        threading.Thread(target=ask, name="name lookup", daemon=True).start()
        try:
            return found.result(self._deadline.allow(self._connect_s))
        except TimeoutError as exc:
            raise httpcore2.ConnectTimeout("the name lookup takes too long") from exc
        except OSError as exc:
            raise httpcore2.ConnectError("the name does not resolve") from exc


class BoundedStream(httpcore2.NetworkStream):
    """A stream on which even one byte a second ends when the exchange's time is up."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come, up to `READ_AHEAD`: TLS alone hands out one record at a time, and what
        happens to each on its way up costs more than the record."""
        received = self._stream.read(max_bytes, self._deadline.allow(timeout))
        if len(received) < TLS_RECORD:
            return received
        return b"".join((received, *self._waiting()))

    def _waiting(self) -> Iterator[bytes]:
        connection: ssl.SSLSocket = self._stream.get_extra_info("socket")
        connection.setblocking(False)  # each read above sets its own time
        with suppress(OSError):  # nothing more yet; what is truly wrong shows at the next read
            for _ in range(READ_AHEAD // TLS_RECORD):
                if not (record := connection.recv(TLS_RECORD)):
                    return
                yield record

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # Record by record: the stream below would start the time anew for each by itself.
        for start in range(0, len(buffer), TLS_RECORD):
            allowed = self._deadline.allow(timeout)
            self._deadline.sent = True
            self._stream.write(buffer[start : start + TLS_RECORD], allowed)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        allowed = self._deadline.allow(timeout)
        secure = self._stream.start_tls(ssl_context, server_hostname, allowed)
        return BoundedStream(secure, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


@functools.cache
def tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_bundle)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
