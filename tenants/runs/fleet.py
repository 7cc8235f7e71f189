"""Pausing everything, and going on."""

from django.db import IntegrityError, transaction

from tenants.errors import FleetNotPaused, FleetPaused
from tenants.models import AuditEvent, FleetPause, User


def fleet_pause(*, actor: User, reason: str) -> None:
    """Let nothing new begin for anybody; what is running stops at the end of its slice.

    Raises:
        FleetPaused: it is paused already.
    """
    try:
        with transaction.atomic():
            FleetPause.objects.create(actor=actor, reason=reason)
            AuditEvent.objects.record("fleet.paused", actor=actor, reason=reason)
    except IntegrityError as exc:
        raise FleetPaused from exc


def fleet_resume(*, actor: User) -> None:
    """Let everybody work again. Slots that were missed meanwhile become one, for each job.

    Raises:
        FleetNotPaused: there is nothing to resume.
    """
    with transaction.atomic():
        ended, _ = FleetPause.objects.all().delete()
        if not ended:
            raise FleetNotPaused
        AuditEvent.objects.record("fleet.resumed", actor=actor)
