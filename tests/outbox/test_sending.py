"""Mails reach the server once, and wait while there is none."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as post
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tenants.models import AuditEvent, Mail, Tenant
from tenants.outbox import sending
from tenants.outbox.sending import forget_old_mails, send_due_mails
from tenants.outbox.writing import mail_write
from tenants.runs import at_work
from tenants.tasks import send_mails

pytestmark = pytest.mark.django_db(transaction=True)


def _write(tenant: Tenant) -> Mail:
    return mail_write(
        to="it@acme.example", template="old_secret", tenant=tenant, days=61, advised_days=90
    )


def _fail(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(self: Any, fail_silently: bool = False) -> int:
        raise error

    monkeypatch.setattr(EmailMessage, "send", fail)


def _time_passes(**distance: float) -> None:
    passed = timedelta(**distance)
    Mail.objects.update(not_before=F("not_before") - passed, created_at=F("created_at") - passed)


def test_a_mail_is_sent_once_and_its_text_is_not_kept(tenant: Tenant) -> None:
    mail = _write(tenant)

    sent = [send_due_mails() for _ in range(3)]

    (message,) = post.outbox
    mail.refresh_from_db()
    assert sent == [1, 0, 0]
    assert message.to == ["it@acme.example"]
    assert message.extra_headers["Message-ID"].startswith(f"<{mail.pk}@")
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert (mail.sent_at is None, mail.body) == (False, "")


def test_a_mail_goes_with_its_cause_or_not_at_all(tenant: Tenant) -> None:
    with transaction.atomic():
        _write(tenant)
        transaction.set_rollback(True)

    assert send_due_mails() == 0
    assert post.outbox == []


def test_while_the_server_is_down_a_mail_waits_longer_each_time(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = _write(tenant)
    waits = []
    with monkeypatch.context() as down:
        _fail(down, ConnectionRefusedError("no such server for it@acme.example"))
        for _ in range(3):
            send_due_mails()
            mail.refresh_from_db()
            waits.append(round((mail.not_before - timezone.now()).total_seconds() / 60))
            _time_passes(hours=1)

    assert send_due_mails() == 1
    assert waits == [1, 2, 4]
    assert mail.error == "ConnectionRefusedError"  # and not a word of its text


def test_a_recipient_who_is_refused_keeps_nobody_else_waiting(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tenant), _write(tenant)
    _fail(monkeypatch, smtplib.SMTPRecipientsRefused({}))

    send_due_mails()

    assert Mail.objects.filter(attempts=1).count() == 2


def test_an_address_that_cannot_be_written_keeps_nobody_else_waiting(tenant: Tenant) -> None:
    unfit = _write(tenant)
    Mail.objects.update(to="it@" + "\u00e4\u00f6\u00fc\u00df\u00e9\u00e8" * 10 + ".example")
    _write(tenant)

    sent = send_due_mails()

    unfit.refresh_from_db()
    assert sent == 1
    assert (unfit.sent_at, unfit.error) == (None, "UnicodeError")


def test_a_server_that_is_down_is_asked_once_each_time(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tenant), _write(tenant)
    _fail(monkeypatch, smtplib.SMTPServerDisconnected())

    send_due_mails()

    assert Mail.objects.filter(attempts=1).count() == 1


def test_after_a_week_it_is_given_up_and_that_is_on_the_record(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = _write(tenant)
    _time_passes(days=8)
    _fail(monkeypatch, ConnectionRefusedError())

    send_due_mails()
    _time_passes(days=1)
    send_due_mails()

    mail.refresh_from_db()
    assert (mail.attempts, mail.given_up_at is None) == (1, False)
    assert AuditEvent.objects.get(action="mail.given_up").tenant == tenant


def test_two_workers_send_no_mail_twice(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tenant)
    send = EmailMessage.send

    def meanwhile(self: Any, fail_silently: bool = False) -> int:
        assert send_due_mails() == 0
        return send(self, fail_silently)

    monkeypatch.setattr(EmailMessage, "send", meanwhile)

    assert send_due_mails() == 1
    assert len(post.outbox) == 1


def test_a_slow_server_takes_one_slot_of_a_worker_which_counts_as_busy(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tenant), _write(tenant)
    under_way = []

    def slow(self: Any, fail_silently: bool = False) -> int:
        under_way.append((self, at_work.busy()))
        send_mails()  # the next tick has rung, and another slot answers
        under_way.append((self, at_work.busy()))
        return 1

    monkeypatch.setattr(EmailMessage, "send", slow)

    send_mails()

    (first, second, third, fourth) = under_way
    assert first == second
    assert third == fourth
    assert {busy for _, busy in under_way} == {1}


def test_a_slow_server_keeps_its_slot_for_a_while_only(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tenant), _write(tenant)
    monkeypatch.setattr(sending, "SENDING_S", 0.0)

    assert [send_due_mails() for _ in range(3)] == [1, 1, 0]


def test_a_worker_that_dies_after_the_servers_yes_leaves_one_message_id(
    tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tenant)
    send = EmailMessage.send

    def die(self: Any, fail_silently: bool = False) -> int:
        send(self, fail_silently)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(EmailMessage, "send", die)
        with pytest.raises(KeyboardInterrupt):
            send_due_mails()
    at_once = send_due_mails()
    _time_passes(minutes=11)
    send_due_mails()

    assert at_once == 0
    first, second = post.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_old_mails_are_not_kept(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    _write(tenant)
    send_due_mails()
    _write(tenant)
    monkeypatch.setattr(sending, "mails_due", Mail.objects.none)
    _time_passes(days=91)

    assert forget_old_mails() == 1
    assert Mail.objects.filter(sent_at=None).count() == 1


def test_a_name_cannot_break_out_of_the_subject(tenant: Tenant, settings: Any) -> None:
    settings.INTEGRATION_NAME = "A\r\nBcc: everybody@example.com"

    mail = _write(tenant)

    assert "\n" not in mail.subject
    assert send_due_mails() == 1
