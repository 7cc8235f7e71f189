"""A link may be used to try secrets only so often."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.choices import RunKind, RunState, Trigger
from tenants.models import Credential, Run
from tenants.onboarding.limits import SUBMISSIONS_MAX, WINDOW, wait_before_next_s
from tests.onboarding.values import pasted


def submitted(tenant, count, ago=timedelta(minutes=1)):
    for _ in range(count):
        Run.objects.create(
            tenant=tenant,
            kind=RunKind.VERIFY,
            trigger=Trigger.CONNECT,
            state=RunState.FAILED,
            created_at=timezone.now() - ago,
        )


def test_a_few_attempts_need_no_wait(admin):
    submitted(admin.tenant, SUBMISSIONS_MAX - 1)

    assert wait_before_next_s(admin.tenant) == 0


def test_after_many_the_wait_ends_when_the_oldest_of_them_is_old(admin):
    submitted(admin.tenant, SUBMISSIONS_MAX, ago=timedelta(minutes=4))

    assert wait_before_next_s(admin.tenant) == pytest.approx(6 * 60, abs=2)


def test_old_attempts_and_those_of_others_do_not_count(admin, invite):
    submitted(admin.tenant, SUBMISSIONS_MAX, ago=WINDOW)
    submitted(invite("Globex").tenant, SUBMISSIONS_MAX)

    assert wait_before_next_s(admin.tenant) == 0


def test_one_too_many_is_told_when_to_come_back_and_keeps_nothing(admin):
    submitted(admin.tenant, SUBMISSIONS_MAX)

    response = admin.post("connect", pasted())

    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= WINDOW.total_seconds()
    assert "Try again in 9 minutes" in response.text
    assert "acme.okta.com" in response.text
    assert not Credential.objects.exists()
