"""The command beside an org that is connected."""

from collections.abc import Iterator

import pytest

from tenants.models import Tenant
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.management.commanding import Okta


@pytest.fixture
def okta(
    connected: Tenant, acme: Org, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Okta]:
    """What the org saw until now is forgotten, and so are faults afterwards."""
    acme.requests.clear()
    yield Okta(monkeypatch)
    sandbox.faults.clear()


@pytest.fixture
def app_id(acme: Org) -> str:
    return str(acme.list("app")[0]["id"])


@pytest.fixture
def oidc_app_id(acme: Org) -> str:
    """Of an app that has client secrets, in an org that lets us manage apps."""
    acme.grant("okta.apps.manage")
    apps = acme.list("app")
    return str(next(app["id"] for app in apps if app["signOnMode"] == "OPENID_CONNECT"))
