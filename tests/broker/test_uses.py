"""Every use of a token leaves a trace for the customer, by the hour, at next to no cost."""

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError
from django.utils import timezone

from tenants.broker.grants import CredentialTokens
from tenants.broker.service import egress_policy
from tenants.broker.uses import TokenUses, forget_old_uses
from tenants.choices import RunKind
from tenants.models import Run, Tenant, TokenUse
from tenants.okta.egress import open_org
from tenants.okta.errors import OktaAuthError
from tenants.okta.operations import OPERATIONS
from tenants.runs.handlers import handler_for
from tenants.sandbox.org import Org
from tests.broker.okta import READ_APPS, READ_USERS
from tests.service import run_once

pytestmark = pytest.mark.django_db(transaction=True)

NINE = datetime(2026, 11, 21, 9, 20, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = NINE

    def __call__(self) -> datetime:
        return self.now


def rows() -> list[dict[str, Any]]:
    fields = ("hour", "purpose", "scopes", "requests", "first_at", "last_at")
    return list(TokenUse.objects.order_by("hour", "scopes").values(*fields))


def test_the_row_is_there_before_the_token_is_used(tenant: Tenant) -> None:
    TokenUses(tenant.pk, "sync", clock=Clock()).note(READ_APPS)

    assert rows() == [
        {
            "hour": NINE.replace(minute=0),
            "purpose": "sync",
            "scopes": "okta.apps.read",
            "requests": 1,
            "first_at": NINE,
            "last_at": NINE,
        }
    ]


def test_many_uses_cost_two_writes_and_are_all_counted(
    tenant: Tenant, django_assert_num_queries: Any
) -> None:
    uses = TokenUses(tenant.pk, "sync", clock=Clock())
    TokenUses(tenant.pk, "sync", clock=Clock()).note(READ_APPS)

    with django_assert_num_queries(2):
        for _ in range(100):
            uses.note(READ_APPS)
        uses.close()

    assert [row["requests"] for row in rows()] == [101]


def test_another_hour_other_scopes_and_another_purpose_are_rows_of_their_own(
    tenant: Tenant,
) -> None:
    clock = Clock()
    uses = TokenUses(tenant.pk, "sync", clock=clock)

    uses.note(READ_APPS)
    uses.note(READ_APPS | READ_USERS)
    TokenUses(tenant.pk, "verify", clock=clock).note(READ_APPS)
    clock.now += timedelta(minutes=45)
    uses.note(READ_APPS)

    assert [(row["hour"].hour, row["purpose"], row["scopes"]) for row in rows()] == [
        (9, "sync", "okta.apps.read"),
        (9, "verify", "okta.apps.read"),
        (9, "sync", "okta.apps.read okta.users.read"),
        (10, "sync", "okta.apps.read"),
    ]


def test_what_two_workers_do_in_an_hour_is_one_row(tenant: Tenant, monkeypatch: Any) -> None:
    """Also where both find no row and want to make it."""
    clock, add = Clock(), TokenUses._add
    one, other = (TokenUses(tenant.pk, "sync", clock=clock) for _ in range(2))

    def add_a_moment_too_early(self: TokenUses, *use: Any) -> int:
        monkeypatch.setattr(TokenUses, "_add", add)
        found = add(self, *use)
        other.note(READ_APPS)
        return found

    monkeypatch.setattr(TokenUses, "_add", add_a_moment_too_early)
    one.note(READ_APPS)

    assert [row["requests"] for row in rows()] == [2]


def test_a_use_that_cannot_be_told_does_not_take_place(
    connected: Tenant, acme: Org, monkeypatch: Any
) -> None:
    acme.requests.clear()
    tokens = CredentialTokens(connected.credentials.get(), TokenUses(connected.pk, "sync"))
    monkeypatch.setattr(TokenUse.objects, "filter", _refuse)

    with pytest.raises(DatabaseError):
        tokens.token(frozenset({"okta.groups.read"}))

    assert not acme.requests


def test_a_count_that_cannot_be_written_stops_nobody(
    tenant: Tenant, monkeypatch: Any, caplog: Any
) -> None:
    uses = TokenUses(tenant.pk, "sync")
    uses.note(READ_APPS)
    uses.note(READ_APPS)
    monkeypatch.setattr(TokenUse.objects, "filter", _refuse)

    uses.close()

    assert "is not written: DatabaseError" in caplog.text


def test_a_refused_request_for_a_token_is_told_as_well(connected: Tenant, acme: Org) -> None:
    acme.revoke_integration()
    tokens = CredentialTokens(connected.credentials.get(), TokenUses(connected.pk, "token"))

    with pytest.raises(OktaAuthError):
        tokens.token(frozenset({"okta.groups.read"}))

    assert TokenUse.objects.get(purpose="token").scopes == "okta.groups.read"


def test_a_use_for_a_tenant_that_is_gone_is_an_error_and_no_untold_use(tenant: Tenant) -> None:
    uses = TokenUses(tenant.pk, "sync")
    tenant.delete()

    with pytest.raises(IntegrityError):
        uses.note(READ_APPS)


@pytest.mark.parametrize(
    ("name", "form", "scopes"),
    [
        (
            "token",
            {"grant_type": "client_credentials", "scope": "okta.apps.read"},
            "okta.apps.read",
        ),
        ("introspect", {"token": "abc"}, ""),
    ],
)
def test_what_is_asked_in_the_clients_own_name_is_told_before_it_is_sent(
    connected: Tenant, acme: Org, monkeypatch: Any, name: str, form: dict[str, str], scopes: str
) -> None:
    credential, uses = connected.credentials.get(), TokenUses(connected.pk, f"call:{name}")
    tokens = CredentialTokens(credential, uses)
    with open_org(credential.host, egress_policy()) as http:
        tokens.ask(http, OPERATIONS[name], form)

        assert TokenUse.objects.get(purpose=f"call:{name}").scopes == scopes
        acme.requests.clear()
        monkeypatch.setattr(uses, "note", _refuse)
        with pytest.raises(DatabaseError):
            tokens.ask(http, OPERATIONS[name], form)

    assert not acme.requests


@pytest.mark.parametrize("kind", [RunKind.VERIFY, RunKind.SYNC])
def test_a_run_tells_what_it_used_its_tokens_for(connected: Tenant, kind: RunKind) -> None:
    run = Run.objects.for_tenant(connected).get(kind=kind)

    use = TokenUse.objects.for_tenant(connected).get(purpose=kind)

    assert use.scopes == " ".join(sorted(handler_for(kind).scopes))
    assert use.last_run == run
    assert use.requests >= run.call_count - run.token_count - 1


def test_a_run_that_asks_okta_nothing_leaves_no_trace(connected: Tenant) -> None:
    run_once(connected, RunKind.AUDIT)

    assert not TokenUse.objects.filter(purpose=RunKind.AUDIT).exists()


@pytest.mark.parametrize(("off_s", "told"), [(30, None), (-30, None), (184, 184), (-61.4, -61)])
def test_a_clock_that_is_off_by_more_than_a_minute_is_told(
    tenant: Tenant, off_s: float, told: int | None
) -> None:
    uses = TokenUses(tenant.pk, "sync")
    uses.note(READ_APPS)

    uses.note_clock(off_s)

    assert TokenUse.objects.get().clock_off_s == told


@pytest.mark.parametrize(("off_s", "told"), [(-3e11, -(2**31) + 1), (6e10, 2**31 - 1)])
def test_a_date_out_of_all_bounds_is_told_as_the_largest_there_is_room_for(
    tenant: Tenant, off_s: float, told: int
) -> None:
    uses = TokenUses(tenant.pk, "sync")
    uses.note(READ_APPS)

    uses.note_clock(off_s)

    assert TokenUse.objects.get().clock_off_s == told


def test_a_skewed_clock_of_ours_is_seen_in_the_answers_of_an_org(
    connected: Tenant, acme: Org, monkeypatch: Any, caplog: Any
) -> None:
    wrong = SimpleNamespace(time=lambda: time.time() + 600, monotonic=time.monotonic)
    monkeypatch.setattr("tenants.okta.oauth.time", wrong)
    uses = TokenUses(connected.pk, "token")

    CredentialTokens(connected.credentials.get(), uses).token(frozenset({"okta.apps.read"}))

    assert TokenUse.objects.get(purpose="token").clock_off_s in range(595, 605)
    assert "our clock and Okta's differ by +60" in caplog.text


def test_traces_are_kept_for_so_many_days(tenant: Tenant, settings: Any) -> None:
    settings.TOKEN_USE_DAYS = 30
    now = timezone.now()
    for days in (31, 29):
        TokenUses(tenant.pk, "sync", clock=lambda d=days: now - timedelta(days=d)).note(READ_APPS)

    assert forget_old_uses() == 1

    [kept] = rows()
    assert kept["first_at"] == now - timedelta(days=29)


def test_traces_go_with_their_tenant(tenant: Tenant) -> None:
    TokenUses(tenant.pk, "sync").note(READ_APPS)

    tenant.delete()

    assert rows() == []


def _refuse(*_: Any, **__: Any) -> None:
    raise DatabaseError("away")
