"""Whatever is sent to an operator's page, nothing breaks and nothing is half-written."""

from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from tenants.dashboard import forms
from tenants.models import AuditEvent, Resource, ResourceChange, Tenant
from tests.dashboard.test_access import ACTS, ROUTES, _url
from tests.hostile import ANSWERS, ODD, VALUES, filled

FORM = "application/x-www-form-urlencoded"
FIELDS = {
    *("after", "once", "next", "csrfmiddlewaretoken"),
    *(
        name
        for form in vars(forms).values()
        if isinstance(form, type) and issubclass(form, forms.forms.Form)
        for name in form.base_fields
    ),
}
QUERIES = {name: filled(FIELDS, value) for name, value in VALUES.items()} | ODD


def _rows() -> dict[str, list[Any]]:
    ours = apps.get_app_config("tenants").get_models()
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in ours}


@pytest.mark.parametrize("query", QUERIES)
def test_no_query_breaks_a_page_or_writes(query: str, acme: Tenant, browser: Client):
    before = _rows()

    for name in ROUTES:
        response = browser.get(f"{_url(name, acme)}?{QUERIES[query]}")

        assert response.status_code in ANSWERS, name
        assert "Traceback" not in response.text
        assert "<script>alert" not in response.text
    assert _rows() == before


@pytest.mark.parametrize("body", QUERIES)
def test_no_form_breaks_an_act(body: str, acme: Tenant, browser: Client):
    for name in ACTS:
        response = browser.post(_url(name, acme), QUERIES[body], content_type=FORM)

        assert response.status_code in ANSWERS, name
        assert "<script>alert" not in response.text
    assert list(Tenant.objects.all()) == [acme]


@pytest.mark.parametrize("method", ["head", "options", "put", "patch", "delete", "trace"])
def test_no_method_breaks_a_page_or_writes(method: str, acme: Tenant, browser: Client):
    before = _rows()

    for name in ROUTES:
        response = getattr(browser, method)(_url(name, acme))

        assert response.status_code in ANSWERS, name
    assert _rows() == before


def test_a_cursor_of_one_list_means_nothing_in_another(acme: Tenant, browser: Client):
    resource = Resource.objects.for_tenant(acme).first()
    ResourceChange.objects.bulk_create(
        ResourceChange(tenant=acme, resource=resource, change="changed") for _ in range(60)
    )
    for _ in range(60):
        AuditEvent.objects.record("run.queued", tenant=acme)
    lists = [
        reverse(f"dashboard:tenant_{name}", args=[acme.pk]) for name in ("changes", "activity")
    ]
    cursors = [browser.get(url).context["page"].next for url in lists]

    for url, cursor in zip(lists, reversed(cursors), strict=True):
        response = browser.get(url, {"after": cursor})

        assert response.status_code == 200
        assert not response.context["page"].is_later
