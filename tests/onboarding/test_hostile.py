"""Whatever is sent to a customer's page, nothing breaks and nothing is half-written."""

import pytest

from tenants.models import Credential, Run
from tests.hostile import ANSWERS, ODD, VALUES, filled
from tests.onboarding.test_access import PAGES, rows

FORM = "application/x-www-form-urlencoded"
FIELDS = {"okta_domain", "client_id", "client_secret", "seen", "csrfmiddlewaretoken"}
SENT = {name: filled(FIELDS, value) for name, value in VALUES.items()} | ODD


@pytest.mark.parametrize("sent", SENT)
def test_no_query_breaks_a_page_or_writes(sent, admin):
    before = rows()

    for page in PAGES:
        response = admin.browser.get(f"{admin.url(page)}?{SENT[sent]}")

        assert response.status_code in ANSWERS, page
    assert rows() == before


@pytest.mark.parametrize("sent", SENT)
def test_no_form_breaks_a_page_or_is_half_kept(sent, admin):
    for page in PAGES:
        response = admin.browser.post(admin.url(page), SENT[sent], content_type=FORM)

        assert response.status_code in ANSWERS, page
        assert "<script>alert" not in response.text
    assert not Credential.objects.exists()
    assert not Run.objects.exists()


@pytest.mark.parametrize("method", ["head", "options", "put", "patch", "delete", "trace"])
def test_no_method_breaks_a_page_or_writes(method, admin):
    before = rows()

    for page in PAGES:
        response = getattr(admin.browser, method)(admin.url(page))

        assert response.status_code in ANSWERS, page
    assert rows() == before
