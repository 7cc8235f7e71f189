"""A customer with an org of its own: what is asked for, and what the rows say afterwards."""

import itertools
import time
from typing import Any

from django.db import connections
from django.db.models import QuerySet
from django.db.utils import InterfaceError, OperationalError
from django.utils import timezone

from tenants.broker.sealing import secret_seal
from tenants.choices import (
    LIVE_RUN_STATES,
    CredentialState,
    RunKind,
    RunState,
    TenantState,
    Trigger,
)
from tenants.connections.invitations import tenant_create
from tenants.models import AuditEvent, Credential, Job, Resource, Run, SealedSecret, Tenant, User
from tenants.runs.queue import run_queue
from tenants.sandbox.control import Control
from tenants.vault.secret import Secret
from tests.faults.fleet import PATIENCE_S, Fleet, wait_until

#: Where a row is about pages and not about what is in them.
APPS_A_PAGE = 40
LISTING = "/api/v1/apps"

_numbers = itertools.count(1)


class Customer:
    """Its org has ``apps`` apps, or so many ``pages`` of them, and nothing else.

    It is connected, unless it was only invited.
    """

    def __init__(
        self, okta: Control, *, apps: int = 3, pages: int = 0, connected: bool = True
    ) -> None:
        self._okta = okta
        self.host = f"customer-{next(_numbers)}.okta.com"
        self.apps = pages * APPS_A_PAGE or apps
        sizes = {"apps": self.apps, "authorization_servers": 0}
        self.org: dict[str, Any] = okta.do(self.host, "add_org", **sizes)
        if pages:
            self.do("set", field="max_page_size", value=APPS_A_PAGE)
        self.do("rate_limit", bucket=LISTING, limit=1_000_000)
        self.tenant, self.link_token = tenant_create(
            name=self.host, contact_email="it@customer.example", actor=_operator()
        )
        if connected:
            self._connect()

    def do(self, action: str, **arguments: object) -> Any:
        return self._okta.do(self.host, action, **arguments)

    def fault(self, **fault: object) -> int:
        """Switch a fault on for this org; returns its number."""
        number: int = self.do("fault", fault=fault)
        return number

    def hits(self, number: int) -> int:
        """How often a fault struck."""
        told = (each["hits"] for each in self.do("faults") if each["number"] == number)
        return int(next(told))

    def pages_read(self) -> int:
        return sum(path == LISTING for _, path, _ in self.do("requests"))

    def calls(self) -> int:
        return len(self.do("requests"))

    def queue(self, kind: RunKind = RunKind.SYNC) -> Run:
        return run_queue(tenant=self.tenant, kind=kind, trigger=Trigger.OPERATOR)

    def items(self) -> int:
        """Rows of the mirror; a row stored twice would count twice."""
        return Resource.objects.filter(tenant=self.tenant, kind="app", removed_at=None).count()

    def _connect(self) -> None:
        credential = Credential.objects.create(
            tenant=self.tenant,
            state=CredentialState.ACTIVE,
            host=self.host,
            org_id=self.org["org_id"],
            client_id=self.org["client_id"],
            proven_at=timezone.now(),
        )
        secret_seal(credential, Secret(self.org["client_secret"])).save()
        Tenant.objects.filter(pk=self.tenant.pk).update(
            state=TenantState.CONNECTED, host=self.host, connected_at=timezone.now()
        )
        self.tenant.refresh_from_db()


def slow_customers(fleet: Fleet, count: int, *, pages: int) -> list[Customer]:
    """Their orgs take a second for each answer."""
    customers = [Customer(fleet.okta, pages=pages) for _ in range(count)]
    for customer in customers:
        customer.do("set", field="delay_s", value=1.0)
    return customers


def _operator() -> User:
    return User.objects.get_or_create(email="operator@vendor.example")[0]


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def live_runs(customers: list[Customer]) -> int:
    tenants = [customer.tenant for customer in customers]
    return Run.objects.filter(tenant__in=tenants, state__in=LIVE_RUN_STATES).count()


def jobs_end(jobs: QuerySet[Job]) -> None:
    """Have no more slots of these, also where a tick is just about to queue a run of theirs."""
    jobs.update(enabled=False)  # waits for that tick
    jobs.delete()


def wait_for_rest(customers: list[Customer], patience_s: float = PATIENCE_S) -> float:
    """Seconds until nothing of these customers is queued or running, audits included."""
    return wait_until("the end of all runs", lambda: not live_runs(customers), patience_s)


def endings(customers: list[Customer]) -> dict[str, int]:
    """How many runs ended in which state."""
    found: dict[str, int] = {}
    tenants = [customer.tenant for customer in customers]
    for state in Run.objects.filter(tenant__in=tenants).values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


def kept_of_sending(customer: Customer) -> tuple[int, ...]:
    """What one sending leaves behind: one of each, or none of any."""
    of_tenant = {"tenant": customer.tenant}
    return (
        Credential.objects.filter(**of_tenant).count(),
        SealedSecret.objects.filter(**of_tenant).count(),
        AuditEvent.objects.filter(**of_tenant, action="connection.submitted").count(),
        Run.objects.filter(**of_tenant, kind=RunKind.VERIFY).count(),
    )


def unsuccessful(customers: list[Customer]) -> int:
    """Runs that ended in another way than well."""
    return sum(count for state, count in endings(customers).items() if state != RunState.SUCCEEDED)


def pages_read(customers: list[Customer]) -> int:
    return sum(customer.pages_read() for customer in customers)


def items_missing(customers: list[Customer]) -> int:
    """How far the mirrors are from the orgs, in items."""
    return sum(abs(customer.apps - customer.items()) for customer in customers)


def leave() -> None:
    """A thread that asked the database ends."""
    connections.close_all()


def forget_all() -> None:
    """End what a broken row left behind, so that it does not disturb the next one."""
    for _ in range(100):
        try:
            connections.close_all()
            Run.objects.filter(state__in=LIVE_RUN_STATES).update(state=RunState.CANCELLED, owner="")
            return
        except (OperationalError, InterfaceError):
            time.sleep(0.1)
