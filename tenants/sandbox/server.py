"""The sandbox: local Okta orgs behind one TLS port on the loopback interface.

    with Sandbox(directory=tmp_path) as sandbox:
        org = sandbox.add_org("acme.okta.com", apps=40)

A client reaches an org by its host name: it connects to ``sandbox.port``, asks for the host in
the TLS handshake and in the Host header, and trusts ``sandbox.ca_bundle``.
"""

import asyncio
import gc
import re
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tenants.sandbox.control import answer_control
from tenants.sandbox.faults import FaultScript
from tenants.sandbox.handshakes import Handshakes
from tenants.sandbox.hosts import answer_host
from tenants.sandbox.listener import LOOPBACK, Listener
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply
from tenants.sandbox.requests import Request
from tenants.sandbox.seed.fill_org import fill_org
from tenants.sandbox.seed.ids import Ids
from tenants.sandbox.tls import Certificates

#: Hosts under these get the edge's answer where there is no org.
OKTA_SUFFIXES = frozenset(
    {"okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "okta.mil"}
)
_LAST_PORT = 65_535
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Look for no garbage: where all that is made is kept, looking takes as long as making."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Sandbox:
    """Runs the servers in a thread of its own between ``__enter__`` and ``__exit__``."""

    def __init__(
        self, *, directory: Path | str, port: int = 0, clock: Callable[[], float] = time.time
    ) -> None:
        """
        Args:
            directory: gets ``ca.pem``; made if it does not exist.
            port: 0 lets the system choose.
            clock: Unix seconds; tests pass their own to let tokens and windows run out.

        Raises:
            ValueError: there is no such port.
        """
        if not 0 <= port <= _LAST_PORT:
            raise ValueError(f"There is no port {port}.")
        self._directory = Path(directory).resolve()
        self._clock = clock
        self.port = port
        self.control_port = 0
        self.control_key = secrets.token_urlsafe(32)
        self.orgs: dict[str, Org] = {}
        self.faults = FaultScript()

    @property
    def ca_bundle(self) -> str:
        return str(self._certificates.ca_file)

    @property
    def dial(self) -> dict[str, tuple[str, int]]:
        """Where a client must connect instead of to a host under one of these suffixes."""
        own = {host.partition(".")[2] for host in self.orgs}
        return dict.fromkeys(sorted(own | OKTA_SUFFIXES), (LOOPBACK, self.port))

    def add_org(
        self, host: str, *, apps: int = 40, weak: bool = False, authorization_servers: int = 3
    ) -> Org:
        """A new org with our integration installed and data in it; the same for the same sizes.

        Raises:
            ValueError: the host is taken or none, or a weak org is too small for its weaknesses.
        """
        if not _HOST.fullmatch(host):
            raise ValueError(f"{host!r} is no host name in lower case.")
        if host in self.orgs:
            raise ValueError(f"There is already an org at {host}.")
        org = Org(host=host, ids=Ids(host), clock=self._clock)
        with _uncollected():
            fill_org(org, apps=apps, weak=weak, authorization_servers=authorization_servers)
        self.orgs[host] = org
        return org

    def __enter__(self) -> Self:
        """Start serving.

        Raises:
            OSError: the port is taken or the directory cannot be written.
        """
        self._directory.mkdir(parents=True, exist_ok=True)
        self._certificates = Certificates(self._directory)
        self._loop = asyncio.new_event_loop()
        try:
            self._loop.run_until_complete(self._listen())
        except OSError:
            self._loop.close()
            raise
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self) -> None:
        self._listeners = [Listener(self._answer, Handshakes(self._certificates, self.faults))]
        self.port = await self._listeners[0].open(self.port)
        self._listeners.append(Listener(self._answer_control))
        self.control_port = await self._listeners[1].open(0)

    async def _close(self) -> None:
        for listener in self._listeners:
            await listener.close()

    def _answer(self, request: Request) -> AbstractAsyncContextManager[Reply]:
        return answer_host(self.orgs, self.faults, request)

    @asynccontextmanager
    async def _answer_control(self, request: Request) -> AsyncIterator[Reply]:
        yield answer_control(self, request, key=self.control_key)
