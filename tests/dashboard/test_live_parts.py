"""Parts that renew themselves leave the keyboard where it was: htmx finds it again by its id."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants.choices import RunKind
from tenants.models import Breaker, Intent, Resource, Run, Tenant

FOCUSABLE = re.compile(r'<(?:a|button|summary)\b[^>]*>|<\w+[^>]*tabindex="0"[^>]*>')
ID = re.compile(r'\sid="([^"]+)"')


@pytest.fixture
def busy(acme: Tenant, live_run: Run) -> Run:
    """All that such parts may show: an org left alone, a tenant in need, a run at changes."""
    soon = timezone.now() + timedelta(minutes=9)
    Breaker.objects.create(tenant=acme, failures=5, open_until=soon)
    Tenant.objects.filter(pk=acme.pk).update(attention_code="shrink_held")
    Run.objects.filter(pk=live_run.pk).update(kind=RunKind.APPLY)
    app = Resource.objects.get(tenant=acme, kind="app")
    Intent.objects.create(
        tenant=acme,
        run=live_run,
        number=1,
        operation="replaceApplication",
        path={"appId": app.okta_id},
        body={"label": "Sent"},
    )
    return live_run


@pytest.mark.parametrize("part", ["overview", "health", "run"])
def test_whatever_can_have_the_keyboard_has_an_id(part: str, browser: Client, busy: Run):
    url = {
        "overview": reverse("dashboard:tenant", args=[busy.tenant_id]),
        "health": reverse("dashboard:health"),
        "run": reverse("dashboard:run_live", args=[busy.pk]),
    }[part]

    page = browser.get(url).text
    renewed = page if part == "run" else page.partition(f'id="{part}"')[2]

    focusable = FOCUSABLE.findall(renewed)
    assert focusable
    assert [tag for tag in focusable if not ID.search(tag)] == []
    assert part != "run" or "What is sent" in renewed
    ids = ID.findall(page)
    assert len(ids) == len(set(ids))
