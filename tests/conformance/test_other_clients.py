"""Okta's own SDK and a plain curl find in the sandbox what the product's client finds.

Needs the recorded exchanges beside the project (``../shared``); runs with ``make conformance``.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tenants.okta.client import OktaClient
from tenants.okta.egress import EgressPolicy, open_org
from tenants.okta.hosts import DEFAULT_SUFFIXES
from tenants.okta.oauth import AccessToken
from tenants.okta.operations import OPERATIONS
from tenants.sandbox.load import load_exchanges
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.conformance.conftest import TOLD
from tests.conformance.curl_walk import curl_ids
from tests.conformance.spec import OKTA
from tests.sandbox.caller import Caller

pytestmark = pytest.mark.conformance

ROOT = Path(__file__).parents[2]
#: Page sizes that make several pages of each, the last one not full.
LIMITS = {"apps": 200, "servers": 2}
LISTED = {"apps": "listApplications", "servers": "listAuthorizationServers"}
PATHS = {"apps": "/api/v1/apps", "servers": "/api/v1/authorizationServers"}


@dataclass
class Visited:
    sandbox: Sandbox
    org: Org
    token: str

    @property
    def ids(self) -> dict[str, list[str]]:
        """What there is, in the order in which the org keeps it."""
        kinds = {"apps": "app", "servers": "authorization_server"}
        return {name: [body["id"] for body in self.org.list(kind)] for name, kind in kinds.items()}

    @property
    def url(self) -> str:
        return f"https://{self.org.host}:{self.sandbox.port}"


class _OneToken:
    def __init__(self, value: str) -> None:
        self._value = value

    def token(self, scopes: frozenset[str]) -> AccessToken:
        return AccessToken(self._value, scopes, float("inf"))

    def discard(self, token: AccessToken) -> None:
        raise AssertionError("the sandbox refused its own token")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with Sandbox(directory=tmp_path_factory.mktemp("other-clients")) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def visited(sandbox: Sandbox) -> Visited:
    org = sandbox.add_org("acme.okta.com", apps=450, authorization_servers=5)
    return Visited(sandbox, org, token_of(sandbox, org))


def token_of(sandbox: Sandbox, org: Org) -> str:
    with closing(Caller(sandbox, org.host)) as caller:
        return caller.sign_in(org).bearer


def our_ids(visited: Visited, name: str) -> list[str]:
    policy = EgressPolicy(
        DEFAULT_SUFFIXES, visited.sandbox.dial, visited.sandbox.ca_bundle, "conformance/1"
    )
    operation = OPERATIONS[LISTED[name]]
    with open_org(visited.org.host, policy) as http:
        client = OktaClient(http, _OneToken(visited.token), frozenset({operation.scope}))
        pages = list(client.pages(operation, query={"limit": str(LIMITS[name])}))
    assert [page.odd for page in pages if page.odd] == []
    return [item.okta_id for page in pages for item in page.items]


def ask_sdk(job: dict[str, Any]) -> Any:
    """In a process of its own: its warnings are not ours."""
    command = [sys.executable, "-m", "tests.conformance.sdk_walk"]
    done = subprocess.run(
        command,
        input=json.dumps(job),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", LISTED)
def test_our_client_finds_every_object_once_and_in_order(visited: Visited, name: str) -> None:
    assert our_ids(visited, name) == visited.ids[name]


@pytest.mark.parametrize("name", LISTED)
def test_curl_finds_every_object_once_and_in_order(visited: Visited, name: str) -> None:
    url = f"{visited.url}{PATHS[name]}?limit={LIMITS[name]}"

    found = curl_ids(url, token=visited.token, ca_bundle=visited.sandbox.ca_bundle)

    assert len(found) > 2 * LIMITS[name]
    assert found == visited.ids[name]


def test_okta_s_sdk_finds_every_object_once_and_in_order(visited: Visited) -> None:
    found = ask_sdk(
        {
            "org_url": visited.url,
            "ca_bundle": visited.sandbox.ca_bundle,
            "token": visited.token,
            "limits": LIMITS,
        }
    )

    assert found == visited.ids


def test_our_client_takes_recorded_apps_that_the_sdk_refuses(
    sandbox: Sandbox, visited: Visited, pytestconfig: pytest.Config
) -> None:
    org = sandbox.add_org("recorded.okta.com", apps=0, authorization_servers=0)
    load_exchanges(org, OKTA / "recorded.ndjson")
    recorded = Visited(sandbox, org, token_of(sandbox, org))

    found = our_ids(recorded, "apps")

    assert found == recorded.ids["apps"]
    apps = org.list("app")
    refused = ask_sdk({"bodies": apps})
    of_the_mix = ask_sdk({"bodies": visited.org.list("app")})
    assert 0 < refused < len(apps)
    pytestconfig.stash[TOLD].insert(
        0,
        f"Okta's SDK refuses {refused} of {len(apps)} recorded apps and {of_the_mix} of "
        f"{len(visited.ids['apps'])} of the sandbox's own; our client none",
    )
