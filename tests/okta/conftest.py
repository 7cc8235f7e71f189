from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import trustme

from tenants.okta.egress import EgressPolicy
from tenants.okta.hosts import DEFAULT_SUFFIXES
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
    with ExitStack() as running:

        def start(script: Script, **changes: Any) -> LoopbackOrg:
            org = LoopbackOrg(**{"authority": authority, "script": script, **changes})
            return running.enter_context(org)

        yield start


@pytest.fixture
def policy(ca_bundle: Path) -> Callable[..., EgressPolicy]:
    """Builds the policy that reaches one loopback org as ``*.okta.com``."""

    def build(org: LoopbackOrg | None = None, **changes: Any) -> EgressPolicy:
        facts: dict[str, Any] = {
            "suffixes": DEFAULT_SUFFIXES,
            "dial": {"okta.com": org.address} if org else {},
            "ca_bundle": str(ca_bundle),
            "user_agent": "hub-tests/1",
        }
        return EgressPolicy(**{**facts, **changes})

    return build
