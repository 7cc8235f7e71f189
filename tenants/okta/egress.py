"""The one door to the network: addresses pinned, TLS verified, time and size bounded.

Nothing else in the project opens a connection to an org. A redirect is handed back, never
followed; proxies, cookies and ``.netrc`` do not exist here, since no HTTP client is involved, only
its transport.
"""

import functools
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Self

import httpcore2
import httpx2

from tenants.okta.addresses import is_public
from tenants.okta.answers import Answer
from tenants.okta.errors import EgressRefused, OktaError, OktaProtocolError, OktaUnavailable
from tenants.okta.hosts import is_org_host

HTTPS = 443
MAX_ADDRESSES = 4
#: Longer than the pause between two pages, shorter than what a load balancer keeps open.
KEEP_ALIVE_S = 20.0
#: The most that one TLS record carries, RFC 8446 §5.1.
TLS_RECORD = 16_384
READ_AHEAD = 16 * TLS_RECORD

_TARGET = re.compile(r"/[!-~]*")

#: Takes a host and gives its numeric addresses, v4 and v6.
Resolver = Callable[[str], list[str]]


@dataclass(frozen=True)
class EgressPolicy:
    """The rules of the door.

    ``dial`` maps a host suffix to the address it is reached at instead of through DNS; it is for
    the local sandbox and empty in production. ``ca_bundle`` is a PEM file that replaces the
    system's authorities. Times are seconds, sizes bytes; ``total_s`` bounds one exchange, and the
    two ``slow`` times stand in for ``read_s`` and ``total_s`` where Okta needs long.
    """

    suffixes: tuple[str, ...]
    dial: Mapping[str, tuple[str, int]]
    ca_bundle: str | None
    user_agent: str
    connect_s: float = 3.0
    read_s: float = 10.0
    total_s: float = 20.0
    slow_read_s: float = 60.0
    slow_total_s: float = 75.0
    max_body: int = 8_000_000
    max_header_bytes: int = 100_000


def resolve(host: str) -> list[str]:
    """Every address DNS gives for ``host``, in the resolver's order. Raises OSError."""
    found = socket.getaddrinfo(host, HTTPS, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class OrgConnection:
    """One kept-alive TLS connection to one org; ``requests`` counts what was sent over it."""

    def __init__(self, host: str, policy: EgressPolicy, resolver: Resolver) -> None:
        self.host = host
        self.policy = policy
        self.requests = 0
        self._deadline = _Deadline()
        self._transport = _Transport(
            _tls_context(policy.ca_bundle), _Backend(policy, self._deadline, resolver)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self._transport.close()

    def send(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        deadline_s: float | None = None,
        slow: bool = False,
    ) -> Answer:
        """One exchange. ``target`` is a path with an optional query; a 3xx comes back bodiless.

        Args:
            deadline_s: seconds for the whole exchange, looking up and dialling included, where
                that is less than the policy's.
            slow: whether to be patient: Okta's own notes tell of a write that took 30 s.

        Raises:
            OktaUnavailable: no route, no valid certificate, or out of time.
            OktaProtocolError: the answer is not HTTP, breaks off, or is compressed unasked.
            EgressRefused: an address that is not public, or an answer over the size limits.
        """
        if not _TARGET.fullmatch(target):
            raise EgressRefused("the request target is not a path")
        policy = self.policy
        total_s = policy.slow_total_s if slow else policy.total_s
        self._deadline.start(min(deadline_s or total_s, total_s))
        self.requests += 1
        request = httpx2.Request(
            method,
            f"https://{self.host}{target}",
            headers=self._headers(headers or {}),
            content=body,
            extensions={"timeout": self._timeouts(policy.slow_read_s if slow else policy.read_s)},
        )
        try:
            with _our_errors():
                return self._read(self._transport.handle_request(request))
        except OktaError as error:
            error.sent = self._deadline.sent
            raise

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        # Plain encoding only: 200 kB of gzip can unfold to 200 MB behind a limit on bytes received.
        return {
            "user-agent": self.policy.user_agent,
            "accept-encoding": "identity",
            "cache-control": "no-cache",
            **headers,
        }

    def _timeouts(self, read_s: float) -> dict[str, float]:
        connect_s = self.policy.connect_s
        return {"connect": connect_s, "read": read_s, "write": read_s, "pool": connect_s}

    def _read(self, response: httpx2.Response) -> Answer:
        try:
            headers = tuple(response.headers.multi_items())
            if (
                sum(len(name) + len(value) for name, value in headers)
                > self.policy.max_header_bytes
            ):
                raise EgressRefused(
                    "the answer's headers are too large", status=response.status_code
                )
            body = b"" if response.is_redirect else self._body(response)
            return Answer(response.status_code, headers, body)
        finally:
            response.close()

    def _body(self, response: httpx2.Response) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise OktaProtocolError("the answer is compressed", status=response.status_code)
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > self.policy.max_body:
                raise EgressRefused("the answer is too large", status=response.status_code)
        return bytes(body)


def open_org(host: str, policy: EgressPolicy, *, resolver: Resolver = resolve) -> OrgConnection:
    """A connection to one org, not yet dialled.

    Raises:
        EgressRefused: ``host`` is not an org under ``policy.suffixes``.
    """
    if not is_org_host(host, policy.suffixes):
        raise EgressRefused("the host is not an Okta org")
    return OrgConnection(host, policy, resolver)


class _Deadline:
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


class _Transport(httpx2.HTTPTransport):
    """httpx2's transport over sockets that `_Backend` opens; httpx2 has no argument for that."""

    def __init__(self, context: ssl.SSLContext, backend: httpcore2.NetworkBackend) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context,
            network_backend=backend,
            max_connections=1,
            keepalive_expiry=KEEP_ALIVE_S,
        )


class _Backend(httpcore2.NetworkBackend):
    """Dials an org at an address we have checked, so that DNS cannot answer twice differently."""

    def __init__(self, policy: EgressPolicy, deadline: _Deadline, resolver: Resolver) -> None:
        self._policy = policy
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
                return _BoundedStream(stream, self._deadline)
        raise problem or httpcore2.ConnectError("no address")

    def _addresses(self, host: str) -> list[tuple[str, int]]:
        for suffix, dialled in self._policy.dial.items():
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
            return found.result(self._deadline.allow(self._policy.connect_s))
        except TimeoutError as exc:
            raise httpcore2.ConnectTimeout("the name lookup takes too long") from exc
        except OSError as exc:
            raise httpcore2.ConnectError("the name does not resolve") from exc


class _BoundedStream(httpcore2.NetworkStream):
    """A stream on which even one byte a second ends when the exchange's time is up."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: _Deadline) -> None:
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
        return _BoundedStream(secure, self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


@functools.cache
def _tls_context(ca_bundle: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=ca_bundle)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


@contextmanager
def _our_errors() -> Iterator[None]:
    """The transport's exceptions in our own tree; their texts name no header and no body."""
    try:
        yield
    except httpx2.LocalProtocolError:
        # Its text quotes the header that was refused, which may be the credential.
        raise EgressRefused("the request is not valid HTTP") from None
    except httpx2.RemoteProtocolError as exc:
        raise OktaProtocolError(f"not a complete HTTP answer: {exc}") from exc
    except httpx2.TransportError as exc:
        raise OktaUnavailable(f"{type(exc).__name__}: {exc}") from exc
