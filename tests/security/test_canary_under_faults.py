"""What goes wrong at any step of a secret's way tells of it, and nothing of the secret."""

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from django.core import mail
from django.core.signals import got_request_exception
from django.test import Client
from django.urls import reverse
from django.views.debug import ExceptionReporter

from tenants.connections.invitations import setup_link_renew, setup_path
from tenants.logs import JsonFormatter
from tenants.models import SetupLink, Tenant, User
from tenants.runs import dispatch, engine
from tenants.runs.leases import claimable
from tenants.sandbox.org import Org
from tests.security.searching import disguises, found_in, leaking_table, leaks, redis_leaks

pytestmark = pytest.mark.django_db(transaction=True)

#: Where something breaks: on the way of the secret, and of the token that is got with it.
STEPS = (
    "tenants.connections.submissions.secret_seal",
    "tenants.connections.submissions.run_queue",
    "tenants.broker.sealing.canary_ensure",
    "tenants.broker.sealing.seal",
    "tenants.broker.sealing.unseal",
    "tenants.connections.credentials.SealedSecret.save",
    "tenants.vault.envelope._base64",
    "tenants.vault.envelope._opened",
    "tenants.vault.keys.LocalKey.wrap",
    "tenants.vault.keys.LocalKey.unwrap",
    "tenants.models.AuditEvent.objects.record",
    "tenants.broker.grants.secret_open",
    "tenants.broker.okta_grant.open_org",
    "tenants.broker.okta_grant.fetch_access_token",
    "tenants.okta.oauth._basic_headers",
    "tenants.okta.oauth._post",
    "tenants.okta.oauth._access_token",
    "tenants.okta.egress.OrgConnection.send",
    "tenants.broker.cipher.TokenCipher.seal",
    "tenants.okta.client.OktaClient.call",
    "tenants.okta.client.OktaClient.pages",
    "tenants.connections.verification.candidate_promote",
    "tenants.connections.promotion.secret_destroy",
    "tenants.runs.endings._end",
)


class Injected(Exception):
    """Our code expects many errors, and not this one."""


class Reports:
    """All that an error leaves behind, as whoever looks into it would see it."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def take(self, request: Any = None, **of_the_signal: Any) -> None:
        """What Django shows of an error at its most talkative, with every frame's variables."""
        reporter = ExceptionReporter(request, *sys.exc_info(), is_email=False)
        self.texts += [reporter.get_traceback_html(), reporter.get_traceback_text()]
        logging.getLogger("celery.app.trace").error("a task failed", exc_info=sys.exception())


@pytest.fixture
def reports() -> Iterator[Reports]:
    reports = Reports()
    got_request_exception.connect(reports.take)
    yield reports
    got_request_exception.disconnect(reports.take)


@pytest.fixture
def go_the_whole_way(tenant: Tenant, acme: Org, operator: User, reports: Reports) -> Any:
    """Send the three values to the page, prove them, sync; whatever breaks on the way."""
    browser = Client(raise_request_exception=False)
    link = setup_link_renew(tenant=tenant, actor=operator)
    values = {
        "okta_domain": acme.host,
        "client_id": acme.client_id,
        "client_secret": acme.client_secret,
    }

    def go() -> None:
        browser.get(setup_path(link))
        url = reverse("onboarding:connect", args=[SetupLink.objects.get(revoked_at=None).pk])
        for _ in range(2):
            reports.texts.append(browser.post(url, values).text)
            reports.texts.append(browser.get(url).text)
            work(reports)

    return go


def work(reports: Reports) -> None:
    """As `work_all`, by a worker that outlives what its tasks raise."""
    dispatch.ring_due_runs()
    for _ in range(3):
        for run_id in list(claimable().values_list("pk", flat=True)):
            try:
                engine.work(run_id)
            except Injected:
                reports.take()


@contextmanager
def monitored(url: str) -> Iterator[list[bytes]]:
    """Every command that Redis gets meanwhile."""
    seen: list[bytes] = []
    with redis.Redis.from_url(url, socket_timeout=60) as client, client.monitor() as monitor:

        def listen() -> None:
            while b"the end" not in (line := monitor.connection.read_response()):
                seen.append(line)

        listening = threading.Thread(target=listen)
        listening.start()
        yield seen
        with redis.Redis.from_url(url) as other:
            other.echo("the end")
        listening.join(10)


@pytest.mark.parametrize("step", STEPS)
def test_a_fault_at_any_step_shows_neither_secret_nor_token(
    step: str,
    tenant: Tenant,
    acme: Org,
    redis_server: str,
    go_the_whole_way: Any,
    reports: Reports,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    broken = 0

    def break_down(*args: Any, **kwargs: Any) -> Any:
        nonlocal broken
        broken += 1
        raise Injected("injected")

    with monkeypatch.context() as patches, monitored(redis_server) as commands:
        patches.setattr(step, break_down)
        go_the_whole_way()

    found = {acme.client_secret, *acme.tokens.values()}
    markers = {form for marker in found for form in disguises(marker)}
    lines = [JsonFormatter().format(record) for record in caplog.records]
    assert broken
    assert lines
    assert [shown for text in [*lines, *reports.texts] if (shown := found_in(text, markers))] == []
    assert [command for command in commands if leaks(command, markers)] == []
    assert leaking_table(markers) == ""
    assert not redis_leaks(redis_server, markers)
    assert not leaks(repr([message.message() for message in mail.outbox]).encode(), markers)
