"""The one door to the network: addresses pinned, TLS verified, time and size bounded.

Nothing else in the project opens a connection to an org. A redirect is handed back, never
followed; proxies, cookies and ``.netrc`` do not exist here, since no HTTP client is involved, only
its transport.
"""

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any, Self

import httpcore2
import httpx2

from tenants.okta.answers import Answer, traceable
from tenants.okta.dialling import Backend, Deadline, Resolver, resolve, tls_context
from tenants.okta.errors import EgressRefused, OktaError, OktaProtocolError, OktaUnavailable
from tenants.okta.hosts import is_org_host

#: Longer than the pause between two pages, shorter than what a load balancer keeps open.
KEEP_ALIVE_S = 20.0

#: What may be asked for: a path, perhaps with a query. Longer ones no server takes.
TARGET = re.compile(r"/[!-~]{0,8000}")


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


class OrgConnection:
    """One kept-alive TLS connection to one org; ``requests`` counts what was sent over it."""

    def __init__(self, host: str, policy: EgressPolicy, resolver: Resolver) -> None:
        self.host = host
        self.policy = policy
        self.requests = 0
        self._deadline = Deadline()
        backend = Backend(policy.dial, policy.connect_s, self._deadline, resolver)
        self._transport = _Transport(tls_context(policy.ca_bundle), backend)

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
        if not TARGET.fullmatch(target):
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
        headers, status = tuple(response.headers.multi_items()), response.status_code
        try:
            with traceable(headers), _our_errors():
                if sum(map(len, chain(*headers))) > self.policy.max_header_bytes:
                    raise EgressRefused("the answer's headers are too large", status=status)
                body = b"" if response.is_redirect else self._body(response)
                return Answer(status, headers, body)
        finally:
            response.close()
            self._transport.drop_surplus()

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


class _Transport(httpx2.HTTPTransport):
    """httpx2's transport over sockets that `Backend` opens; httpx2 has no argument for that."""

    def __init__(self, context: ssl.SSLContext, backend: httpcore2.NetworkBackend) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore2.ConnectionPool(
            ssl_context=context,
            network_backend=backend,
            max_connections=1,
            keepalive_expiry=KEEP_ALIVE_S,
        )

    def drop_surplus(self) -> None:
        """Hang up on an org that sent more than an answer: the next request would get the rest.

        The pool asks the socket alone, and these bytes have been read already.
        """
        connection: Any
        for connection in self._pool.connections:
            surplus, _ = connection._connection._h11_state.trailing_data
            if surplus:
                self.close()


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
