"""``manage.py token``: a token for an operator's hands, shown only when that is really wanted."""

import hashlib
import json
from typing import Any

import pytest
from django.db import DatabaseError

from tenants.connections.control import tenant_pause
from tenants.models import AuditEvent, Tenant, TokenUse, User
from tenants.sandbox.org import Org
from tests.management.commanding import Okta, on_record

pytestmark = pytest.mark.django_db(transaction=True)

APPS = "okta.apps.read"


@pytest.fixture
def token(okta: Okta, monkeypatch: pytest.MonkeyPatch) -> Okta:
    return Okta(monkeypatch, "token")


def newest_token(acme: Org) -> str:
    return acme.tokens.values()[-1]


def test_without_reveal_there_are_scopes_end_and_fingerprint(token: Okta, acme: Org) -> None:
    said = token("acme.okta.com", "--scope", APPS)

    value = newest_token(acme)
    assert said.code == 0
    assert "scopes       okta.apps.read\n" in said.out.decode()
    assert " UTC\n" in said.out.decode()
    assert f"sha256:{hashlib.sha256(value.encode()).hexdigest()[:16]}" in said.out.decode()
    assert value not in said.out.decode() + said.err


def test_with_reveal_standard_output_is_the_token_alone(token: Okta, acme: Org) -> None:
    said = token("Acme", "--scope", APPS, "--reveal", "--yes")

    assert said.out.decode() == newest_token(acme) + "\n"
    assert "fingerprint" in said.err


def test_the_token_has_exactly_the_scopes_named(token: Okta, acme: Org) -> None:
    token("Acme", "--scope", APPS, "okta.authorizationServers.read", "--scope", APPS)

    issued = acme.tokens.find(newest_token(acme))
    assert issued
    assert issued.scopes == {APPS, "okta.authorizationServers.read"}


def test_the_same_token_serves_twice(token: Okta, acme: Org) -> None:
    first, second = (token("Acme", "--scope", APPS, "--reveal", "--yes") for _ in range(2))

    assert first.out == second.out


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_a_reveal_is_asked_for_at_a_terminal(token: Okta, acme: Org, answer: str) -> None:
    said = token("Acme", "--scope", APPS, "--reveal", types=answer, at_terminal=True)

    assert (said.code, said.out) == (3, b"")
    assert "no token was asked for" in said.err
    assert not acme.requests


def test_a_yes_at_a_terminal_reveals(token: Okta, acme: Org) -> None:
    said = token("Acme", "--scope", APPS, "--reveal", types="y\n", at_terminal=True)

    assert said.out.decode().strip() == newest_token(acme)
    assert "Whoever sees it can do with the org what these scopes allow" in said.err


def test_a_reveal_without_a_terminal_needs_yes(token: Okta, acme: Org) -> None:
    said = token("Acme", "--scope", APPS, "--reveal")

    assert (said.code, "needs --yes" in said.err) == (3, True)
    assert not acme.requests


def test_it_is_on_the_record_before_and_after(token: Okta, acme: Org) -> None:
    token("Acme", "--scope", APPS, "--reveal", "--yes")

    asked, ended = on_record("token")
    assert (asked["action"], asked["scopes"], asked["reveals"]) == ("token.asked", [APPS], True)
    assert (ended["outcome"], ended["revealed"]) == ("done", True)
    assert ended["fingerprint"].startswith("sha256:")
    assert newest_token(acme) not in json.dumps([asked, ended])


def test_the_customer_sees_it(token: Okta, connected: Tenant) -> None:
    token("Acme", "--scope", APPS)

    assert TokenUse.objects.for_tenant(connected).get(purpose="token").scopes == APPS


@pytest.mark.parametrize("action", ["token.asked", "token.ended"])
def test_what_cannot_be_recorded_is_not_shown(
    token: Okta, acme: Org, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    record = AuditEvent.objects.record

    def refuse(what: str, **detail: Any) -> AuditEvent:
        if what == action:
            raise DatabaseError("away")
        return record(what, **detail)

    monkeypatch.setattr(AuditEvent.objects, "record", refuse)

    said = token("Acme", "--scope", APPS, "--reveal", "--yes")

    assert (said.code, said.out) == (1, b"")
    assert "put on the record" in said.err
    assert bool(acme.requests) == (action == "token.ended")


def test_a_scope_that_is_not_granted_is_named(token: Okta) -> None:
    said = token("Acme", "--scope", "okta.groups.read")

    assert said.code == 5
    assert "missing okta.groups.read" in said.err
    assert on_record("token")[1]["outcome"] == "scope_missing"


def test_a_refused_secret_has_its_own_exit_code(token: Okta, acme: Org) -> None:
    acme.revoke_integration()

    assert token("Acme", "--scope", "okta.groups.read").code == 4


@pytest.mark.parametrize("scope", ["okta.apps.read\u00a0", "okta apps", ""])
def test_what_cannot_be_a_scope_is_not_sent(token: Okta, acme: Org, scope: str) -> None:
    said = token("Acme", "--scope", scope)

    assert said.code in (1, 2)
    assert said.err
    assert not acme.requests


def test_an_unknown_and_a_paused_tenant_are_left_alone(
    token: Okta, connected: Tenant, acme: Org, operator: User
) -> None:
    unknown = token("Globex", "--scope", APPS)
    tenant_pause(tenant=connected, actor=operator)
    paused = token("Acme", "--scope", APPS)

    assert (unknown.code, paused.code) == (2, 2)
    assert not acme.requests
