"""Workers that die with a change in hand."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tenants.models import Run
from tenants.okta.bodies import Outcome
from tenants.okta.client import OktaClient
from tenants.runs import engine


class Killed(BaseException):
    """kill -9, as far as Python can play it: nothing of ours catches it."""


class Kill:
    """Ends the worker at a call of ``exchange``, before the request leaves or after its answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self._real = OktaClient.exchange

    def at(self, *, write: bool, after: bool) -> None:
        """Do so at the next write, or at the next read."""

        def exchange(client: OktaClient, operation: Any, **asked: Any) -> Outcome:
            if operation.is_read is write:
                return self._real(client, operation, **asked)
            self._patch.setattr(OktaClient, "exchange", self._real)
            if after:
                self._real(client, operation, **asked)
            raise Killed

        self._patch.setattr(OktaClient, "exchange", exchange)


def die(run: Run) -> None:
    """Work the run with a worker that dies of it. No attempt is counted, so that many may."""
    with pytest.raises(Killed):
        engine.work(run.pk)
    let_lease_run_out(run)
    Run.objects.filter(pk=run.pk).update(attempts=0)


def let_lease_run_out(run: Run) -> None:
    Run.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
