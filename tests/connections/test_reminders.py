"""Reminding of old secrets: each age once, however often and by however many we look."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as post
from django.db import connection
from django.utils import timezone

from tenants.choices import CredentialState
from tenants.connections import upkeep
from tenants.connections.control import tenant_pause, tenant_resume
from tenants.connections.invitations import setup_link_renew
from tenants.connections.leaving import tenant_disconnect
from tenants.connections.reminders import remind, remind_operators
from tenants.models import Credential, Mail, Reminder, Tenant, User
from tenants.outbox.sending import send_due_mails
from tenants.sandbox.org import Org
from tenants.tasks import tick
from tests.service import Submit, work_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner(operator: User) -> User:
    """Beside the operator; a viewer and one who was switched off get no mail."""
    User.objects.create_user("viewer@example.com", operator_role="viewer")
    User.objects.create_user("gone@example.com", operator_role="owner", is_active=False)
    return User.objects.create_user("owner@example.com", operator_role="owner")


def make_old(tenant: Tenant, days: float) -> None:
    Credential.objects.filter(tenant=tenant).update(
        created_at=timezone.now() - timedelta(days=days)
    )


def _reminded(tenant: Tenant) -> list[int]:
    return sorted(Reminder.objects.filter(tenant=tenant).values_list("days", flat=True))


def test_each_age_is_mentioned_once(connected: Tenant) -> None:
    seen = []
    for days in (1, 59.9, 60, 61, 79, 80, 90, 200):
        make_old(connected, days)
        remind(), remind()
        seen.append(_reminded(connected))

    assert seen == [[], [], [60], [60], [60], [60, 80], [60, 80, 90], [60, 80, 90]]
    assert Mail.objects.filter(to="it@acme.example").count() == 3


def test_of_one_that_is_past_several_only_the_highest_is_mentioned(connected: Tenant) -> None:
    make_old(connected, days=400)

    remind()

    assert _reminded(connected) == [90]
    assert "400 days old" in Mail.objects.get().body


def test_many_ticks_at_once_remind_once(connected: Tenant) -> None:
    make_old(connected, days=61)

    def look(_: int) -> None:
        remind(), remind_operators()
        connection.close()

    with ThreadPoolExecutor(4) as ticks:
        list(ticks.map(look, range(8)))

    assert _reminded(connected) == [60]
    assert Mail.objects.filter(to="it@acme.example").count() == 1
    assert Mail.objects.filter(to="operator@example.com").count() == 1


def test_a_new_secret_starts_anew(connected: Tenant, acme: Org, submit: Submit) -> None:
    make_old(connected, days=61)
    remind()
    acme.rotate_secret(keep_old=True)
    submit(acme)
    work_all()

    remind()

    assert Reminder.objects.count() == 1


def test_the_same_secret_sent_again_is_as_old_as_before(
    connected: Tenant, acme: Org, submit: Submit
) -> None:
    make_old(connected, days=85)
    submit(acme)
    work_all()

    remind()

    assert connected.credentials.get(state=CredentialState.ACTIVE).version == 2
    assert _reminded(connected) == [80]
    assert "85 days old" in Mail.objects.get().body


def test_the_mail_says_what_to_do_and_opens_nothing(connected: Tenant, operator: User) -> None:
    token = setup_link_renew(tenant=connected, actor=operator)
    make_old(connected, days=61)

    remind()
    send_due_mails()

    (message,) = post.outbox
    assert message.subject == "The Okta client secret of OIN service is 61 days old"
    assert "acme.okta.com" in message.body
    assert "Your setup link works until" in message.body
    assert "http://testserver/connect/guide/#rotate" in message.body
    assert token not in message.body
    assert "/enter/" not in message.body
    assert all(len(line) < 990 for line in message.body.splitlines())


def test_without_a_link_it_says_where_to_ask_for_one(connected: Tenant) -> None:
    connected.setup_links.update(expires_at=timezone.now())
    make_old(connected, days=61)

    remind()

    assert "has expired. Write to support@example.com" in Mail.objects.get().body


def test_names_are_not_escaped_in_a_plain_text(connected: Tenant, settings: Any) -> None:
    settings.VENDOR_NAME = "Söhne & <Co>"
    make_old(connected, days=61)

    remind()

    assert "Söhne & <Co>" in Mail.objects.get().body


def test_operators_get_one_mail_a_day_about_all_tenants(
    connected: Tenant, operator: User, owner: User
) -> None:
    make_old(connected, days=61)
    remind()
    first = remind_operators()
    make_old(connected, days=81)
    remind()
    same_day = remind_operators()
    Reminder.objects.filter(days=60).update(told_at=timezone.now() - timedelta(hours=25))
    next_day = remind_operators()

    assert (first, same_day, next_day) == (1, 0, 1)
    told = Mail.objects.filter(tenant=None)
    assert set(told.values_list("to", flat=True)) == {operator.email, owner.email}
    assert told.count() == 4
    latest = told.latest("created_at")
    assert latest.subject == "1 client secret has grown old"
    assert "Acme (acme.okta.com): 80 days" in latest.body
    assert f"http://testserver/tenants/{connected.pk}/connection/" in latest.body


def test_a_tenant_that_rests_is_reminded_when_it_is_resumed(
    connected: Tenant, operator: User
) -> None:
    make_old(connected, days=61)
    tenant_pause(tenant=connected, actor=operator)
    paused = remind()
    tenant_resume(tenant=connected, actor=operator)

    assert (paused, remind()) == (0, 1)


def test_who_has_left_is_reminded_of_nothing(connected: Tenant, operator: User) -> None:
    make_old(connected, days=61)
    remind()
    tenant_disconnect(tenant=connected, actor=operator)
    work_all()

    assert remind() == send_due_mails() == 0


def test_a_tick_looks_now_and_then(
    connected: Tenant, monkeypatch: pytest.MonkeyPatch, redis_server: str
) -> None:
    monkeypatch.setattr(upkeep, "_looked_at", float("-inf"))
    tick()
    make_old(connected, days=61)
    tick()
    too_soon = _reminded(connected)
    monkeypatch.setattr(upkeep, "_looked_at", float("-inf"))
    tick()

    assert (too_soon, _reminded(connected)) == ([], [60])
