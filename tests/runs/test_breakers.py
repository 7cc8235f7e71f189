"""An org that does not answer is left alone, tried now and then, and taken back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tenants.choices import RunKind, RunState, TenantState, Trigger
from tenants.connections.invitations import tenant_create
from tenants.models import AuditEvent, Breaker, Run, Tenant, User
from tenants.okta.errors import OktaProtocolError, OktaReadOnly, OktaRequestError, OktaUnavailable
from tenants.runs import breakers, engine, leases
from tenants.runs.context import RunContext
from tenants.runs.leases import claim, claimable
from tenants.runs.queue import run_queue
from tests.runs.conftest import Script, fresh

pytestmark = pytest.mark.django_db(transaction=True)


def _away(number: int) -> None:
    raise OktaUnavailable("no route")


def _let_it_be_due(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(not_before=timezone.now() - timedelta(seconds=1))


def _let_the_breaker_run_out() -> None:
    Breaker.objects.update(open_until=timezone.now() - timedelta(seconds=1))


def _fail(run: Run, script: Script, times: int) -> None:
    script.before = _away
    for _ in range(times):
        _let_it_be_due(run)
        engine.work(run.pk)


@pytest.fixture
def shut(queued: Run, script: Script) -> Run:
    """A run whose org has just been given a rest."""
    _fail(queued, script, breakers.TRIP_AFTER)
    return fresh(queued)


def _tenants(count: int) -> list[Tenant]:
    tenants = [
        tenant_create(name=f"T{number}", contact_email="it@t.example", actor=None)[0]
        for number in range(count)
    ]
    Tenant.objects.filter(pk__in=[each.pk for each in tenants]).update(state=TenantState.CONNECTED)
    return tenants


def test_four_failures_in_a_row_are_tried_again_as_ever(queued: Run, script: Script) -> None:
    _fail(queued, script, breakers.TRIP_AFTER - 1)

    assert Breaker.objects.get().open_until is None
    assert fresh(queued).failures == breakers.TRIP_AFTER - 1


def test_the_fifth_leaves_the_org_alone_for_about_a_minute(shut: Run) -> None:
    breaker = Breaker.objects.get()

    assert breaker.open_until is not None
    rest = breaker.open_until - timezone.now()
    assert timedelta(seconds=40) < rest <= timedelta(seconds=60)
    assert shut.state == RunState.QUEUED
    assert shut.waiting_for == "the org to answer again"


def test_while_it_rests_no_run_of_the_tenant_can_be_taken(shut: Run, working: Tenant) -> None:
    _let_it_be_due(shut)
    other = run_queue(tenant=working, kind=RunKind.AUDIT, trigger=Trigger.OPERATOR)

    assert not claimable().exists()
    assert claim(shut.pk) is None
    assert claim(other.pk) is None


def test_what_a_customer_waits_for_is_let_through(shut: Run, working: Tenant) -> None:
    proof = run_queue(tenant=working, kind=RunKind.VERIFY, trigger=Trigger.CONNECT)

    assert list(claimable()) == [proof]
    assert claim(proof.pk)


def test_other_tenants_are_not_concerned(shut: Run) -> None:
    (other,) = _tenants(1)

    run = run_queue(tenant=other, kind=RunKind.SYNC, trigger=Trigger.SCHEDULE)

    assert claim(run.pk)


def test_after_the_rest_one_run_tries_and_the_others_wait_for_it(
    shut: Run, working: Tenant
) -> None:
    _let_it_be_due(shut)
    other = run_queue(tenant=working, kind=RunKind.AUDIT, trigger=Trigger.OPERATOR)
    _let_the_breaker_run_out()

    assert claim(shut.pk)
    assert claim(other.pk) is None
    assert not claimable().exists()


def test_a_claim_that_fails_leaves_the_trial_to_others(shut: Run, working: Tenant) -> None:
    _let_the_breaker_run_out()
    Run.objects.filter(pk=shut.pk).update(state=RunState.CANCELLED)
    other = run_queue(tenant=working, kind=RunKind.AUDIT, trigger=Trigger.OPERATOR)

    assert claim(shut.pk) is None
    assert claim(other.pk)


def test_a_breaker_that_opened_and_ran_out_since_the_look_lets_through_whoever_looks_again(
    queued: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a worker stood still between its look and its claim."""
    looked = leases._look_at(queued.pk, None)
    Breaker.objects.create(
        tenant=queued.tenant, failing_since=timezone.now(), open_until=timezone.now()
    )
    with monkeypatch.context() as still:
        still.setattr(leases, "_look_at", lambda *_: looked)
        stood_still = claim(queued.pk)

    assert stood_still is None
    assert claim(queued.pk)


def test_each_failed_trial_doubles_the_rest_up_to_an_hour(shut: Run, script: Script) -> None:
    rests = []
    for _ in range(8):
        _let_the_breaker_run_out()
        _let_it_be_due(shut)
        engine.work(shut.pk)
        until = Breaker.objects.get().open_until
        rests.append((until - timezone.now()).total_seconds())

    assert 90 < rests[0] <= 120
    assert 180 < rests[1] <= 240
    assert 2800 < rests[-1] <= 3600
    assert fresh(shut).state == RunState.QUEUED
    assert fresh(shut).failures < script.patience


def test_an_org_that_answers_again_is_taken_back_and_said_so(shut: Run, script: Script) -> None:
    Tenant.objects.filter(pk=shut.tenant_id).update(state=TenantState.CONNECTED)
    breakers.forget_failures(shut)

    actions = list(AuditEvent.objects.order_by("at").values_list("action", "detail__code"))
    assert not Breaker.objects.exists()
    assert Tenant.objects.get(pk=shut.tenant_id).attention_code == ""
    assert actions[-2:] == [
        ("connection.trouble", "unreachable"),
        ("connection.recovered", "unreachable"),
    ]


def test_what_waits_for_the_org_goes_on_as_soon_as_a_proof_has_reached_it(
    shut: Run, working: Tenant
) -> None:
    """A customer may send a new secret or a new domain long before the next trial."""
    proof = run_queue(tenant=working, kind=RunKind.VERIFY, trigger=Trigger.CONNECT)

    breakers.forget_failures(proof)

    assert set(claimable()) == {shut, proof}


def test_a_run_that_waits_for_something_else_waits_on(shut: Run, working: Tenant) -> None:
    Run.objects.filter(pk=shut.pk).update(waiting_for="Okta's rate limit")

    breakers.forget_failures(shut)

    assert not claimable().exists()


def test_opening_again_is_not_announced_again(shut: Run) -> None:
    _let_the_breaker_run_out()
    _let_it_be_due(shut)
    engine.work(shut.pk)

    assert AuditEvent.objects.filter(action="connection.trouble").count() == 1


def test_what_needs_a_human_is_not_hidden_by_an_org_that_is_away(
    queued: Run, script: Script, working: Tenant
) -> None:
    Tenant.objects.filter(pk=working.pk).update(attention_code="scope_missing")

    _fail(queued, script, breakers.TRIP_AFTER)
    breakers.forget_failures(fresh(queued))

    assert Tenant.objects.get(pk=working.pk).attention_code == "scope_missing"


@pytest.mark.parametrize(
    ("error", "counts"),
    [
        pytest.param(OktaUnavailable("away"), True, id="away"),
        pytest.param(OktaProtocolError("garbage"), True, id="garbage"),
        pytest.param(OktaReadOnly("fail-over"), False, id="read only"),
        pytest.param(OktaRequestError("no"), False, id="refused"),
    ],
)
def test_only_an_org_that_does_not_answer_counts(
    queued: Run, error: Exception, counts: bool
) -> None:
    breakers.luck_after(queued, error)

    assert Breaker.objects.exists() == counts


def test_who_lost_the_run_says_nothing_about_the_org(queued: Run, script: Script) -> None:
    """Who was frozen amid a request finds that it failed, whatever the org is like."""

    def wake_up(number: int) -> None:
        Run.objects.filter(pk=queued.pk).update(fence=99)
        raise OktaUnavailable("timed out")

    Breaker.objects.create(tenant=queued.tenant, failures=breakers.TRIP_AFTER - 1)
    script.before = wake_up

    engine.work(queued.pk)

    assert Breaker.objects.get().failures == breakers.TRIP_AFTER - 1
    assert not AuditEvent.objects.filter(action="connection.trouble").exists()


def test_that_an_org_answers_is_written_with_the_page_that_it_gave(
    queued: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_with: list[tuple[bool, int]] = []

    def note(run: Run) -> None:
        written_with.append((connection.in_atomic_block, fresh(run).done_count))

    monkeypatch.setattr(RunContext, "has_asked", True)
    monkeypatch.setattr(engine, "forget_failures", note)

    engine.work(queued.pk)

    assert written_with == [(True, 1)]


def test_when_many_orgs_fail_at_once_it_is_us_and_nobody_is_shut_off(
    queued: Run, script: Script, operator: User
) -> None:
    for tenant in _tenants(3):
        Breaker.objects.create(tenant=tenant, failures=breakers.FLEET_FAILURES)

    _fail(queued, script, breakers.TRIP_AFTER + 3)

    run = fresh(queued)
    assert Breaker.objects.filter(open_until__isnull=False).count() == 0
    assert (run.state, run.failures) == (RunState.QUEUED, 0)
    assert "our own way out" in run.waiting_for
    assert breakers.trouble_is_ours()


def test_our_own_trouble_wears_no_run_out_however_long_it_lasts(
    queued: Run, script: Script, operator: User
) -> None:
    for tenant in _tenants(3):
        Breaker.objects.create(tenant=tenant, failures=breakers.FLEET_FAILURES)
    Run.objects.filter(pk=queued.pk).update(wait_s=script.longest_wait_s)

    _fail(queued, script, 2)

    run = fresh(queued)
    assert (run.state, run.wait_s) == (RunState.QUEUED, script.longest_wait_s)


def _let_answer(tenants: list[Tenant], begun: datetime, due: datetime | None = None) -> None:
    Run.objects.bulk_create(
        Run(
            tenant=each,
            kind=RunKind.SYNC,
            state=RunState.SUCCEEDED,
            not_before=due or begun,
            started_at=begun,
            call_count=3,
        )
        for each in tenants
    )


def test_a_few_of_many_are_their_own_trouble(queued: Run) -> None:
    tenants = _tenants(12)
    for tenant in tenants[:3]:
        Breaker.objects.create(tenant=tenant, failures=breakers.FLEET_FAILURES)
    _let_answer(tenants[3:], begun=timezone.now())

    assert not breakers.trouble_is_ours()


def test_so_are_they_where_all_were_due_at_the_same_moment(queued: Run) -> None:
    tenants, due = _tenants(12), timezone.now()
    for tenant in tenants[:3]:
        Breaker.objects.create(tenant=tenant, failures=breakers.FLEET_FAILURES)
    _let_answer(tenants[3:], begun=timezone.now(), due=due)

    assert not breakers.trouble_is_ours()


def test_what_lasts_for_more_than_a_day_is_no_trouble_of_ours(queued: Run) -> None:
    long_ago = timezone.now() - timedelta(hours=25)
    for tenant in _tenants(9)[:3]:
        Breaker.objects.create(tenant=tenant, failures=99, failing_since=long_ago)

    assert not breakers.trouble_is_ours()


def test_it_is_us_though_most_orgs_answered_before_and_are_tried_later(queued: Run) -> None:
    tenants = _tenants(12)
    _let_answer(tenants, begun=timezone.now() - timedelta(seconds=1))
    for tenant in tenants[:3]:
        Breaker.objects.create(tenant=tenant, failures=breakers.FLEET_FAILURES)

    assert breakers.trouble_is_ours()


def test_orgs_that_have_been_gone_for_days_hide_no_trouble_of_ours(queued: Run) -> None:
    tenants = _tenants(24)
    gone, failing, others = tenants[:3], tenants[3:6], tenants[6:]
    long_ago = timezone.now() - timedelta(days=3)
    for tenant in gone:
        Breaker.objects.create(tenant=tenant, failures=99, failing_since=long_ago)
    _let_answer(others, begun=timezone.now() - timedelta(hours=1))
    assert not breakers.trouble_is_ours()

    for tenant in failing:
        Breaker.objects.create(tenant=tenant, failures=breakers.FLEET_FAILURES)

    assert breakers.trouble_is_ours()


def test_failures_of_long_ago_say_nothing_about_us(queued: Run) -> None:
    for tenant in _tenants(3):
        Breaker.objects.create(tenant=tenant, failures=9)
    Breaker.objects.update(failed_at=timezone.now() - timedelta(minutes=6))

    assert not breakers.trouble_is_ours()


def test_of_many_workers_one_may_try_an_org_that_rested(shut: Run, working: Tenant) -> None:
    _let_it_be_due(shut)
    other = run_queue(tenant=working, kind=RunKind.AUDIT, trigger=Trigger.OPERATOR)
    _let_the_breaker_run_out()

    def try_to_claim(number: int) -> bool:
        try:
            return claim((shut.pk, other.pk)[number % 2]) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as workers:
        wins = list(workers.map(try_to_claim, range(8)))

    assert wins.count(True) == 1
