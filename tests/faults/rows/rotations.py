"""Our own secret is replaced while workers die: the one that lies here is the one in Okta."""

import time

from django.utils import timezone

from tenants.broker.sealing import secret_open
from tenants.choices import CredentialState, RotationState, RunKind
from tenants.models import Credential, Rotation, Run
from tests.faults.customer import Customer, fresh, unsuccessful, wait_for_rest
from tests.faults.fleet import Fleet, wait_until
from tests.faults.row import Seen, row

MANAGE = "okta.oauthIntegrations.manage"
#: The worker dies while it waits for the answer to each of these, which Okta has carried out.
DEADLY = (
    "createApiServiceIntegrationInstanceSecret",
    "deactivateApiServiceIntegrationInstanceSecret",
    "deleteApiServiceIntegrationInstanceSecret",
)


@row(once="postgres")
def worker_killed_in_a_rotation(fleet: Fleet, seen: Seen) -> None:
    """kill -9 of the worker that waits for Okta's answer to making, deactivating or deleting a
    secret: the secret that lies here works all the time, and in the end it is the only one."""
    customers = [_granted(Customer(fleet.okta, apps=1)) for _ in DEADLY]
    numbers = [
        customer.fault(action="delay", seconds=15, operation=operation, nth=1)
        for customer, operation in zip(customers, DEADLY, strict=True)
    ]
    runs = [customer.queue(RunKind.ROTATE) for customer in customers]

    _kill_at(fleet, customers[0], numbers[0], runs[0])
    wait_until("both secrets", lambda: _promoted() == len(DEADLY), 150)
    works = [_works(customer) for customer in customers]
    for at in (1, 2):
        _let_grace_pass(runs[at])
        _kill_at(fleet, customers[at], numbers[at], runs[at])
    _let_grace_pass(runs[0])
    wait_for_rest(customers, 150)

    works += [_works(customer) for customer in customers]
    seen.exactly("times that it did not work", works.count(False), 0)
    seen.exactly("rotations done", Rotation.objects.filter(state=RotationState.DONE).count(), 3)
    seen.exactly("secrets in Okta", sum(len(_listed(customer)) for customer in customers), 3)
    seen.exactly("not well", unsuccessful(customers), 0)


def _granted(customer: Customer) -> Customer:
    customer.do("grant", scopes=[MANAGE])
    Credential.objects.filter(tenant=customer.tenant).update(scopes_granted=MANAGE)
    return customer


def _kill_at(fleet: Fleet, customer: Customer, number: int, run: Run) -> None:
    wait_until("the deadly moment", lambda: customer.hits(number) and fresh(run).owner, 60)
    holder = fleet.holder(fresh(run).owner)
    holder.kill()
    time.sleep(1)
    holder.start()


def _promoted() -> int:
    return Rotation.objects.filter(state=RotationState.PROMOTED).count()


def _let_grace_pass(run: Run) -> None:
    now = timezone.now()
    Rotation.objects.filter(tenant=run.tenant_id).update(retire_at=now)
    Run.objects.filter(pk=run.pk).update(not_before=now)


def _works(customer: Customer) -> bool:
    """Whether the newest secret in Okta is the one in use here."""
    active = Credential.objects.get(tenant=customer.tenant, state=CredentialState.ACTIVE)
    return bool(secret_open(active).expose() == customer.do("describe")["client_secret"])


def _listed(customer: Customer) -> list[object]:
    path = [customer.org["client_id"]]
    return list(customer.do("list", kind="api_service_secret", parents=path))
