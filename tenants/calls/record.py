"""Audit or abort: a call is on the record before it is sent, and a change's outcome after it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import db
from django.db import transaction

from tenants.calls.errors import CallNotOnRecord
from tenants.calls.orgs import ConnectedOrg
from tenants.calls.wanted import Call
from tenants.models import AuditEvent, Tenant
from tenants.okta.bodies import Outcome

logger = logging.getLogger(__name__)

VIA = "command"


@dataclass(frozen=True)
class Reply:
    """A success. ``on_record`` says whether the audit trail has the outcome of a change."""

    outcome: Outcome
    on_record: bool = True


def begin(call: Call, org: ConnectedOrg, login: str) -> AuditEvent:
    """Commit that the call is about to be made, by whoever is logged in to the machine.

    Raises:
        CallNotOnRecord: the database does not take it.
    """
    detail: dict[str, Any] = {
        "operation": call.operation.name,
        "effect": call.operation.effect.value,
        "login": login,
        **({"path": dict(call.path)} if call.path else {}),
        **({"query": call.told_query()} if call.query else {}),
        **({"reveals": True} if call.reveal else {}),
    }
    return began("call.sent", org.tenant, **detail)


def recorded(call: Call, org: ConnectedOrg, login: str, send: Callable[[], Outcome]) -> Reply:
    """What ``send`` returns, with both rows around it; for a read the first one says it all."""
    sent = begin(call, org, login)
    if call.operation.is_read:
        return Reply(send())
    try:
        outcome = send()
    except BaseException as error:
        ended(sent, **trouble(error))
        raise
    told = ended(sent, outcome="done", status=outcome.status, request_id=outcome.request_id)
    return Reply(outcome, on_record=told)


def began(action: str, tenant: Tenant, **detail: Any) -> AuditEvent:
    """Commit that something is about to be done.

    Raises:
        CallNotOnRecord: the database does not take it.
    """
    try:
        with transaction.atomic(durable=True):
            return AuditEvent.objects.record(action, tenant=tenant, via=VIA, **detail)
    except db.Error as exc:
        raise CallNotOnRecord from exc


def ended(begun: AuditEvent, **detail: Any) -> bool:
    """Whether the row was written. It is done or not, whatever becomes of its row."""
    what = begun.action.partition(".")[0]
    told: dict[str, Any] = {what: str(begun.pk)}
    told |= {name: value for name, value in detail.items() if value}
    try:
        with transaction.atomic(durable=True):
            AuditEvent.objects.record(f"{what}.ended", tenant=begun.tenant, via=VIA, **told)
    except db.Error as exc:
        logger.error("The outcome of %s %s has no row: %s", what, begun.pk, type(exc).__name__)
        return False
    return True


def trouble(error: BaseException) -> dict[str, Any]:
    """What a row tells of an error."""
    interrupted = isinstance(error, KeyboardInterrupt)
    return {
        "outcome": "interrupted" if interrupted else getattr(error, "code", "internal"),
        "status": getattr(error, "status", None),
        "error_id": getattr(error, "error_id", ""),
        "request_id": getattr(error, "request_id", ""),
    }
