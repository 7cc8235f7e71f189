"""Tokens come from the broker, and whoever uses one says what for."""

import ast

import pytest

from tests.guards.test_architecture import APART, ROOT, files_of, imported, rooms

#: What asks Okta in a client's own name, and the only modules that may reach for it.
DOORS = {
    "tenants.okta.oauth.fetch_access_token": {"tenants/broker/okta_grant.py"},
    "tenants.okta.oauth.ask_as_client": {"tenants/broker/okta_grant.py"},
    "tenants.broker.okta_grant.fetch_token": {"tenants/broker/service.py"},
    "tenants.broker.okta_grant.ask_with_secret": {"tenants/broker/grants.py"},
    "tenants.broker.service.broker": {"tenants/broker/grants.py"},
    # A run's tokens, a candidate's under proof among them, and what an operator does by hand.
    "tenants.broker.grants.CredentialTokens": {
        "tenants/runs/context.py",
        "tenants/calls/making.py",
        "tenants/calls/tokens.py",
    },
}


@pytest.mark.parametrize("door", DOORS)
def test_a_token_is_had_through_its_doors_alone(door: str) -> None:
    users = {
        str(path.relative_to(ROOT))
        for room in rooms() - {APART}
        for path in files_of(room)
        if door in imported(path)
    }

    assert users == DOORS[door]


def test_only_one_line_asks_the_broker_for_a_token() -> None:
    asking = [
        str(path.relative_to(ROOT))
        for room in rooms() - {APART}
        for path in files_of(room)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "token_for"
    ]

    assert asking == ["tenants/broker/grants.py"]


def test_credentials_in_the_clients_own_name_are_sent_from_two_places_alone() -> None:
    """Whoever unwraps a secret could ask for a token by themselves."""
    exposing = {
        str(path.relative_to(ROOT))
        for room in rooms() - {APART, "vault"}
        for path in files_of(room)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "expose"
    }

    assert exposing == {"tenants/broker/okta_grant.py"}
