"""Sending the three values."""

import pytest

from tenants.choices import CredentialState, RunKind, TenantState, Trigger
from tenants.models import AuditEvent, Credential, Rotation, Run, SealedSecret
from tenants.runs.queue import run_queue
from tests.onboarding.values import CLIENT_ID, SECRET, pasted


def test_good_values_become_a_candidate_and_a_proof_to_watch(admin):
    response = admin.post("connect", pasted(okta_domain="https://acme.okta.com/"))

    candidate = Credential.objects.get(tenant=admin.tenant)
    run = Run.objects.get(tenant=admin.tenant)
    admin.tenant.refresh_from_db()
    assert response.headers["Location"] == admin.url("proof")
    assert (candidate.host, candidate.client_id) == ("acme.okta.com", CLIENT_ID)
    assert candidate.state == CredentialState.CANDIDATE
    assert run.kind == RunKind.VERIFY
    assert admin.tenant.state == TenantState.VERIFYING


def test_it_is_noted_by_which_door_they_came(admin):
    admin.post("connect", pasted())

    assert AuditEvent.objects.get(action="connection.submitted").via == "setup link"


def test_the_secret_lies_nowhere_in_the_open(admin, caplog):
    response = admin.post("connect", pasted())
    page = admin.browser.get(response.headers["Location"])

    assert SECRET not in SealedSecret.objects.get().sealed
    assert SECRET not in page.text
    assert SECRET not in str(dict(admin.browser.session))
    assert SECRET not in caplog.text


@pytest.mark.parametrize("field", ["okta_domain", "client_id", "client_secret"])
def test_a_mistake_is_shown_at_its_field_and_nothing_is_kept(field, admin):
    response = admin.post("connect", pasted(**{field: "?"}))

    form = response.context["form"]
    assert response.status_code == 422
    assert list(form.errors) == [field]
    assert f'aria-describedby="id_{field}_helptext id_{field}_error"' in response.text
    assert f'href="#id_{field}"' in response.text
    assert SECRET not in response.text
    assert not Credential.objects.exists()
    assert not Run.objects.exists()


def test_after_a_mistake_the_good_values_are_still_there(admin):
    response = admin.post("connect", pasted(client_secret="short"))

    assert 'value="acme.okta.com"' in response.text
    assert f'value="{CLIENT_ID}"' in response.text


def test_an_admin_console_address_is_corrected_and_the_correction_told(admin):
    admin.post("connect", pasted(okta_domain="acme-admin.okta.com"))
    page = admin.get("proof")

    assert Credential.objects.get().host == "acme.okta.com"
    assert "acme-admin.okta.com is the Admin Console" in page.text


def test_a_second_click_leads_to_the_proof_that_is_under_way(admin):
    admin.post("connect", pasted())

    response = admin.post("connect", pasted())

    assert response.headers["Location"] == admin.url("proof")
    assert "already under way" in admin.get("proof").text
    assert Credential.objects.count() == Run.objects.count() == 1


def test_a_secret_that_is_not_taken_while_we_replace_it_is_told_so(admin):
    old = Credential.objects.create(tenant=admin.tenant, state=CredentialState.ACTIVE)
    Rotation.objects.create(tenant=admin.tenant, old=old)
    run_queue(tenant=admin.tenant, kind=RunKind.ROTATE, trigger=Trigger.SCHEDULE)

    answer = admin.post("connect", pasted())

    assert answer.status_code == 409
    assert "yours was not taken" in answer.text
    assert SECRET not in answer.text
    assert not SealedSecret.objects.exists()


def test_coming_back_shows_what_was_sent_last_but_not_the_secret(admin):
    admin.post("connect", pasted())

    page = admin.get("connect")

    assert 'value="acme.okta.com"' in page.text
    assert f'value="{CLIENT_ID}"' in page.text
    assert SECRET not in page.text
    assert "We understand: <strong>acme.okta.com</strong>" in page.text


def test_values_of_one_tenant_never_prefill_anothers_form(admin, invite):
    admin.post("connect", pasted())
    globex = invite("Globex", browser=admin.browser)
    globex.enter()

    assert CLIENT_ID not in globex.get("connect").text


def test_a_missing_csrf_token_is_refused(admin):
    admin.browser.handler.enforce_csrf_checks = True

    response = admin.post("connect", pasted())

    assert response.status_code == 403
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed", "shown"),
    [
        ("okta_domain", "https://acme-admin.okta.com", "We understand: <strong>acme.okta.com"),
        ("client_id", "ada@example.com", "e-mail"),
        ("okta_domain", "<script>", "placeholder"),
    ],
)
def test_hints_answer_while_typing(field, typed, shown, admin):
    response = admin.post("check", {field: typed})

    assert response.status_code == 200
    assert shown in response.text
    assert "<script>" not in response.text


def test_hints_have_nothing_to_say_about_secrets(admin):
    assert admin.post("check", {"client_secret": SECRET}).text.strip() == ""


def test_the_page_sends_one_field_only_for_a_hint(admin):
    page = admin.get("connect").text

    assert f'hx-post="{admin.url("check")}" hx-params="okta_domain"' in page
    assert f'hx-post="{admin.url("check")}" hx-params="client_id"' in page
    assert 'hx-params="client_secret"' not in page
