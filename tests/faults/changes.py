"""Changes to a customer's org, and what the org itself says about how often each was made."""

from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tenants.actions.asking import actions_apply
from tenants.actions.catalogue import TRACES
from tenants.actions.wanted import Wanted, wanted_of
from tenants.choices import CredentialState, IntentState, Trigger
from tenants.models import Credential, Intent, Run
from tenants.okta.bodies import json_body
from tenants.okta.operations import OPERATIONS
from tests.faults.customer import Customer

SCOPES = ("okta.apps.manage", "okta.authorizationServers.manage")
CREATE, SWITCH = OPERATIONS["createAuthorizationServer"], OPERATIONS["deactivateApplication"]

#: Whatever can be told apart in the org's ledger: the operation, the ids, and a digest of the body.
Mark = tuple[str, tuple[str, ...], str]


@dataclass(frozen=True)
class Tally:
    """Of changes that count as made: how many the org never saw, and how often it saw one again.
    ``unmade``: those that never came to be made. ``unasked``: what was made and not asked for."""

    missing: int
    doubled: int
    unmade: int
    unasked: int


def let_change(customer: Customer) -> None:
    """Grant what `queue_changes` needs, in the org and in our proof of it, and lift its limits."""
    customer.do("grant", scopes=list(SCOPES))
    customer.do("rate_limit", bucket="/api/v1", limit=1_000_000)
    customer.do("rate_limit", bucket="/api/v1/apps/{id}", limit=1_000_000)
    active = Credential.objects.filter(tenant=customer.tenant, state=CredentialState.ACTIVE)
    active.update(scopes_granted=" ".join(SCOPES))


def queue_changes(
    customer: Customer, *, creations: int, switches: int, trigger: Trigger = Trigger.OPERATOR
) -> Run:
    """Queue one run that creates so many authorization servers and deactivates so many apps.

    Once at a time for each customer, after `let_change`. The names are new in each run.
    """
    before = Intent.objects.filter(tenant=customer.tenant, operation=CREATE.name).count()
    servers = [_new_server(f"{customer.host} {before + number}") for number in range(creations)]
    apps = [app["id"] for app in customer.do("list", kind="app") if app["status"] == "ACTIVE"]
    if len(apps) < switches:
        raise ValueError(f"{customer.host} has {len(apps)} apps to switch off, not {switches}")
    offs = [Wanted(SWITCH, {"appId": app}) for app in apps[:switches]]
    return actions_apply(
        tenant=customer.tenant, actor=None, wanted=[*servers, *offs], trigger=trigger, via="faults"
    )


def tally(customers: list[Customer]) -> Tally:
    """Compare what was asked for with the ledgers of the orgs. Call it when all is at rest."""
    each = [_compare(customer) for customer in customers]
    return Tally(
        missing=sum(one.missing for one in each),
        doubled=sum(one.doubled for one in each),
        unmade=sum(one.unmade for one in each),
        unasked=sum(one.unasked for one in each),
    )


def _compare(customer: Customer) -> Tally:
    asked = list(Intent.objects.filter(tenant=customer.tenant))
    done = Counter(_mark_of(intent) for intent in asked if intent.state == IntentState.DONE)
    changes = (entry for entry in customer.do("ledger") if entry["operation"] in TRACES)
    seen = Counter(_mark_in(entry) for entry in changes)
    known = {_mark_of(intent) for intent in asked}
    return Tally(
        missing=(done - seen).total(),
        doubled=sum(count - 1 for mark, count in seen.items() if mark in known),
        unmade=sum(intent.state != IntentState.DONE for intent in asked),
        unasked=sum(count for mark, count in seen.items() if mark not in known),
    )


def _new_server(name: str) -> Wanted:
    body = {"name": name, "description": "Made under fire", "audiences": [f"api://{name[:40]}"]}
    return Wanted(CREATE, {}, body=body)


def _mark_of(intent: Intent) -> Mark:
    sent = wanted_of(intent)
    data = b"" if sent.body is None else json_body(sent.body).data
    return intent.operation, tuple(intent.path.values()), sha256(data).hexdigest()


def _mark_in(entry: dict[str, Any]) -> Mark:
    return entry["operation"], tuple(entry["ids"]), entry["digest"]
