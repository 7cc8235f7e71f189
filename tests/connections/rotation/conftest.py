"""An org whose integration may replace its own secret, and workers that die."""

from collections.abc import Callable
from typing import Any

import pytest

from tenants.okta.egress import OrgConnection
from tenants.runs.leases import Lease
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.connections.rotation.rotating import MANAGE, Killed


@pytest.fixture
def acme(sandbox: Sandbox, settings: Any) -> Org:
    """A small org: what is read of it is not what this is about."""
    acme = sandbox.add_org("acme.okta.com", apps=1, authorization_servers=1)
    settings.OKTA_SCOPES = {**settings.OKTA_SCOPES, MANAGE: "to replace our own secret"}
    acme.grant(MANAGE)
    return acme


@pytest.fixture
def dies(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the worker die at its n-th moment; tells by which it has come.

    A moment lies before and after each request, and before and in each commit.
    """

    def _dies(at: int) -> list[str]:
        send, passed = OrgConnection.send, []

        def moment(name: str) -> None:
            passed.append(name)
            if len(passed) == at:
                raise Killed(name)

        def send_and_die(self: Any, method: str, path: str, **options: Any) -> Any:
            moment(f"before {method} {path}")
            answer = send(self, method, path, **options)
            moment(f"after {method} {path}")
            return answer

        def dying(write: Callable[..., Any]) -> Callable[..., Any]:
            def commit_and_die(self: Any, **values: Any) -> Any:
                moment("before a commit")
                written = write(self, **values)
                moment("in a commit")
                return written

            return commit_and_die

        monkeypatch.setattr(OrgConnection, "send", send_and_die)
        for name in ("renew", "update"):
            monkeypatch.setattr(Lease, name, dying(getattr(Lease, name)))
        return passed

    return _dies
