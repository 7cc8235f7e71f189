"""What a worker holds when its database goes away is free as soon as that is back."""

import threading
import uuid
from collections.abc import Callable

import pytest
from django.db import InterfaceError, InternalError, OperationalError
from django.db.models.functions import Now

from tenants.choices import RunState
from tenants.models import Run
from tenants.runs import engine, leases, owners
from tenants.runs.engine import work
from tenants.runs.leases import Lease
from tests.runs.conftest import Script, fresh

pytestmark = pytest.mark.django_db(transaction=True)


def lose_the_database(number: int) -> None:
    raise OperationalError("gone")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "GIVE_BACK_EVERY_S", 0.01)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[str]]:
    """Let the database refuse so many attempts to give something back; returns what was tried."""

    def _away(refusals: int) -> list[str]:
        tried: list[str] = []

        def give_back(owner: str, *, blameless: bool) -> int:
            tried.append(owner)
            if len(tried) <= refusals:
                raise OperationalError("still gone")
            return leases.give_back(owner, blameless=blameless)

        monkeypatch.setattr(engine, "give_back", give_back)
        return tried

    return _away


def test_a_run_is_free_when_the_database_is_back(
    queued: Run, script: Script, away: Callable[[int], list[str]]
) -> None:
    script.before = lose_the_database
    tried = away(3)

    with pytest.raises(OperationalError, match=r"^gone"):
        work(queued.pk)

    assert len(tried) == 4
    assert (fresh(queued).state, fresh(queued).owner) == (RunState.QUEUED, "")


def test_a_claim_whose_answer_was_lost_is_given_back(
    queued: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def claim_and_hear_nothing(run_id: uuid.UUID, owner: str, **known: object) -> Lease:
        leases.claim(run_id, owner)
        raise OperationalError("lost")

    monkeypatch.setattr(engine, "claim", claim_and_hear_nothing)

    with pytest.raises(OperationalError):
        work(queued.pk)

    assert (fresh(queued).state, fresh(queued).owner) == (RunState.QUEUED, "")


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, InternalError])
def test_no_run_is_given_up_because_the_database_took_no_writes(
    queued: Run, script: Script, error: type[Exception]
) -> None:
    def write(number: int) -> None:
        raise error("full")

    script.write = write

    for _ in range(engine.MOST_ATTEMPTS + 1):
        Run.objects.filter(pk=queued.pk).update(not_before=Now())
        with pytest.raises(error):
            work(queued.pk)

    assert fresh(queued).state == RunState.QUEUED
    assert fresh(queued).attempts == 0


def test_a_run_that_was_given_back_rests_before_it_asks_okta_again(
    queued: Run, script: Script
) -> None:
    script.before = lose_the_database
    with pytest.raises(OperationalError):
        work(queued.pk)

    assert not work(queued.pk)


def test_a_claim_that_failed_leaves_the_run_to_be_rung_for_again(
    queued: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Run.objects.filter(pk=queued.pk).update(rung_at=Now())

    def fail(run_id: uuid.UUID, owner: str, **known: object) -> Lease:
        raise OperationalError("rolled back")

    monkeypatch.setattr(engine, "claim", fail)

    with pytest.raises(OperationalError):
        work(queued.pk)

    assert fresh(queued).rung_at is None


def test_who_is_asked_to_end_does_not_wait_for_the_database(
    queued: Run,
    script: Script,
    away: Callable[[int], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = threading.Event()
    asked.set()
    monkeypatch.setattr(engine, "draining", asked)
    script.before = lose_the_database
    tried = away(100)

    with pytest.raises(OperationalError):
        work(queued.pk)

    assert len(tried) == 1
    assert owners.is_gone(fresh(queued).owner)
