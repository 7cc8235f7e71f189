from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.sandbox.caller import Caller


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(tmp_path: Path, clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(directory=tmp_path, clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
def org(sandbox: Sandbox) -> Org:
    return sandbox.add_org("acme.okta.com", apps=45)


@pytest.fixture
def connect(sandbox: Sandbox) -> Iterator[Callable[[str], Caller]]:
    """Opens connections and closes them after the test."""
    with ExitStack() as stack:
        yield lambda host: stack.enter_context(closing(Caller(sandbox, host)))


@pytest.fixture
def stranger(connect: Callable[[str], Caller], org: Org) -> Caller:
    """Without a token."""
    return connect(org.host)


@pytest.fixture
def client(stranger: Caller, org: Org) -> Caller:
    """With a token for everything the org granted."""
    return stranger.sign_in(org)


#: What may change everything that the catalogue can change.
MANAGE = (
    "okta.apps.manage",
    "okta.appGrants.manage",
    "okta.authorizationServers.manage",
    "okta.pushProviders.manage",
    "okta.oauthIntegrations.manage",
)


@pytest.fixture
def manager(connect: Callable[[str], Caller], org: Org) -> Caller:
    """With a token that may change everything."""
    org.grant(*MANAGE)
    return connect(org.host).sign_in(org)
