from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme

from tenants.okta.egress import EgressPolicy
from tenants.okta.hosts import DEFAULT_SUFFIXES
from tests.okta.fakes import FakeTokens, ScriptedOrg
from tests.okta.loopback import LoopbackOrg, Script


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def serve(authority: trustme.CA) -> Iterator[Callable[..., LoopbackOrg]]:
    """Starts loopback orgs that end with the test."""
    running: list[LoopbackOrg] = []

    def start(script: Script, **changes: object) -> LoopbackOrg:
        org = LoopbackOrg(**{"authority": authority, "script": script, **changes})  # type: ignore[arg-type]
        running.append(org.__enter__())
        return org

    yield start
    for org in running:
        org.__exit__(None, None, None)


@pytest.fixture
def policy(ca_bundle: Path) -> Callable[..., EgressPolicy]:
    """Builds the policy that reaches one loopback org as ``*.okta.com``."""

    def build(org: LoopbackOrg | None = None, **changes: object) -> EgressPolicy:
        facts: dict[str, object] = {
            "suffixes": DEFAULT_SUFFIXES,
            "dial": {"okta.com": org.address} if org else {},
            "ca_bundle": str(ca_bundle),
            "user_agent": "hub-tests/1",
        }
        return EgressPolicy(**{**facts, **changes})  # type: ignore[arg-type]

    return build


@pytest.fixture
def org() -> ScriptedOrg:
    return ScriptedOrg()


@pytest.fixture
def tokens() -> FakeTokens:
    return FakeTokens()
