"""Watching the proof, and then the first sync."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.choices import RunKind, RunState, Trigger
from tenants.connections.proof import latest_verify
from tenants.models import Resource, Run
from tests.onboarding.values import CLIENT_ID, SECRET, pasted

HTMX = {"HX-Request": "true"}


@pytest.fixture
def proof(admin) -> Run:
    admin.post("connect", pasted())
    return latest_verify(admin.tenant)


@pytest.fixture
def connected(admin):
    admin.tenant.host = "acme.okta.com"
    admin.tenant.state = "connected"
    admin.tenant.connected_at = timezone.now()
    admin.tenant.save()
    return admin


def put(run: Run, **values) -> None:
    Run.objects.filter(pk=run.pk).update(**values)


def test_without_anything_sent_the_proof_page_leads_to_the_form(admin):
    assert admin.get("proof").headers["Location"] == admin.url("connect")
    assert admin.get("proof_live").status_code == 204


def test_nothing_is_called_connected_before_it_is(admin):
    assert admin.get("connected").headers["Location"] == admin.url("welcome")
    assert admin.get("connected_live").status_code == 204


def test_a_proof_in_the_queue_is_polled_and_needs_no_script(admin, proof):
    page = admin.get("proof").text

    assert "Waiting in the queue" in page
    assert 'hx-trigger="every 1s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page


def test_a_proof_nobody_picks_up_says_that_nothing_is_lost(admin, proof):
    put(proof, created_at=timezone.now() - timedelta(seconds=31))

    assert "Nothing is lost" in admin.get("proof").text


def test_progress_is_shown_step_by_step(admin, proof):
    put(
        proof,
        state=RunState.RUNNING,
        fence=1,
        done_count=1,
        total_count=4,
        activity="Organisation found",
        checkpoint={"proven": ["organisation"], "org": {"host": "acme.okta.com", "engine": "idx"}},
    )

    page = admin.get("proof").text

    assert '<progress value="1" max="4"' in page
    assert "acme.okta.com · Identity Engine" in page


def test_what_has_not_changed_is_not_sent_again(admin, proof):
    seen = admin.get("proof").context["part"].digest
    url = f"{admin.url('proof_live')}?seen={seen}"

    unchanged = admin.browser.get(url, headers=HTMX)
    put(proof, state=RunState.RUNNING, fence=1, activity="Organisation found")
    changed = admin.browser.get(url, headers=HTMX)

    assert unchanged.status_code == 204
    assert changed.status_code == 200
    assert 'hx-swap-oob="innerHTML:#live-status">Organisation found<' in changed.text


def test_a_refused_proof_explains_itself_and_stops_polling(admin, proof):
    put(proof, state=RunState.FAILED, error_code="wrong_secret")

    answer = admin.get("proof_live", **HTMX).text

    assert "did not accept the client secret" in answer
    assert "The secret was not kept" in answer
    assert "API Service Integrations" in answer
    assert admin.url("connect") in answer
    assert "hx-trigger" not in answer


def test_a_replacement_that_was_refused_leaves_the_connection_standing(connected, proof):
    put(proof, state=RunState.FAILED, error_code="wrong_secret")

    page = connected.get("proof").text

    assert "The secret was not replaced" in page
    assert "stays connected as before" in page


def test_trouble_of_ours_is_not_explained_in_operators_words(admin, proof):
    put(proof, state=RunState.ERRORED, error_code="seal_broken")

    page = admin.get("proof").text

    assert "our mistake" in page
    assert "key ring" not in page
    assert str(proof.pk) in page


def test_a_proven_connection_leads_on(connected, proof):
    put(proof, state=RunState.SUCCEEDED, outcome={"proven": ["organisation", "token"]})

    answer = connected.get("proof_live", **HTMX)

    assert answer.headers["HX-Redirect"] == connected.url("connected")
    assert connected.url("connected") in connected.get("proof").text


def test_nobody_is_told_connected_before_it_is_so(admin):
    assert admin.get("connected").headers["Location"] == admin.url("welcome")


def test_the_first_sync_is_shown_while_it_runs(connected):
    run = Run.objects.create(
        tenant=connected.tenant,
        kind=RunKind.SYNC,
        trigger=Trigger.FOLLOW_UP,
        state=RunState.RUNNING,
        activity="Reading apps",
        done_count=2,
    )
    mirror(connected.tenant, "app", 3)

    page = connected.get("connected").text
    put(run, state=RunState.SUCCEEDED)
    ended = connected.get("connected_live", **HTMX).text

    assert "First reading" in page
    assert "Reading apps" in page
    assert '<dt>Apps</dt><dd class="number">3</dd>' in page
    assert 'hx-trigger="every 1s"' in page
    assert "hx-trigger" not in ended


def test_while_paused_the_page_does_not_pretend_that_reading_goes_on(connected):
    connected.tenant.state = "paused"
    connected.tenant.save()

    assert "Reading is paused" in connected.get("connected").text


def test_what_other_tenants_have_and_what_was_removed_is_not_counted(connected, invite):
    mirror(invite("Globex").tenant, "app", 5)
    mirror(connected.tenant, "app", 1, removed_at=timezone.now())

    assert '<dt>Apps</dt><dd class="number">0</dd>' in connected.get("connected").text


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        pytest.param("integration_revoked", "was removed from this Okta org", id="theirs"),
        pytest.param("incomplete", "nothing for you to do", id="ours"),
        pytest.param("unavailable", "nothing for you to do", id="passing"),
    ],
)
def test_a_sync_that_failed_says_whose_turn_it_is(code, sentence, connected):
    Run.objects.create(
        tenant=connected.tenant,
        kind=RunKind.SYNC,
        trigger=Trigger.FOLLOW_UP,
        state=RunState.FAILED,
        error_code=code,
    )

    assert sentence in connected.get("connected").text


def mirror(tenant, kind, count, **values) -> None:
    Resource.objects.bulk_create(
        Resource(tenant=tenant, kind=kind, okta_id=f"{kind}{n}", body={}, digest="", **values)
        for n in range(count)
    )


def test_pages_after_connecting_show_neither_client_id_nor_secret(connected, proof):
    for page in ("welcome", "proof", "connected"):
        assert CLIENT_ID not in connected.get(page).text
        assert SECRET not in connected.get(page).text


def test_while_an_org_does_not_answer_no_new_secret_is_asked_for(connected):
    connected.tenant.attention_code = "unreachable"
    connected.tenant.save()

    page = connected.get("connected").text

    assert "does not answer at the moment" in page
    assert "Send a new secret" not in page


def test_a_page_left_open_follows_when_the_connection_is_ended_elsewhere(connected):
    open_page = connected.get("connected_live", **HTMX)
    connected.tenant.connected_at = None
    connected.tenant.save()

    later = connected.get("connected_live", **HTMX)

    assert open_page.status_code == 200
    assert later.headers["HX-Redirect"] == connected.url("welcome")


def test_a_reading_that_rests_is_not_said_to_go_on(connected):
    connected.tenant.state = "paused"
    connected.tenant.save()
    Run.objects.create(tenant=connected.tenant, kind=RunKind.SYNC, trigger=Trigger.FOLLOW_UP)

    assert "reading goes on without you" not in connected.get("connected").text


def test_a_reading_that_has_begun_is_not_said_to_be_in_the_queue(connected):
    run = Run.objects.create(tenant=connected.tenant, kind=RunKind.SYNC, trigger=Trigger.FOLLOW_UP)
    queued = connected.get("connected").text
    put(run, state=RunState.RUNNING)

    assert "Waiting in the queue" in queued
    assert "Waiting in the queue" not in connected.get("connected").text
