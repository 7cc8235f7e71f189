"""What each step of a rotation commits. All of these run in the transaction of their step."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models.functions import Now

from tenants.choices import (
    LIVE_ROTATION_STATES,
    UNPROVEN_ROTATION_STATES,
    CredentialState,
    RotationState,
)
from tenants.connections.credentials import (
    CredentialReplaced,
    candidate_save,
    refuse_if_replaced,
)
from tenants.connections.promotion import credential_activate, credential_end
from tenants.errors import SecretBeingReplaced
from tenants.models import AuditEvent, Credential, Rotation, SealedSecret, Tenant
from tenants.runs.handlers import Refusal

#: Why somebody has to look.
REFUSED, UNCLEAR = "rotation_refused", "rotation_unclear"
UNANSWERED, NOT_GRANTED = "rotation_unanswered", "rotation_not_granted"


def live_rotation(tenant: Tenant) -> Rotation | None:
    live = Rotation.objects.for_tenant(tenant).filter(state__in=LIVE_ROTATION_STATES)
    return live.select_related("old", "new").first()


def rotation_is_unproven(tenant: Tenant) -> bool:
    """Whether a new secret of our own making is not in use yet, so that nobody brings another."""
    unproven = Rotation.objects.for_tenant(tenant).filter(state__in=UNPROVEN_ROTATION_STATES)
    return unproven.exists()


def now_of(rotation: Rotation) -> datetime:
    """The time by the clock that a rotation's own moments are of: the database's."""
    row = Rotation.objects.filter(pk=rotation.pk).annotate(now=Now())
    return row.values_list("now", flat=True).get()


def rotation_begin(active: Credential, okta_id: str) -> None:
    """From now on nobody else brings a new secret until ours has been proven.

    Raises:
        Refusal: somebody has brought one just now.
        CredentialReplaced: and it is in use already.
    """
    Tenant.objects.select_for_update(no_key=True).get(pk=active.tenant_id)
    ours = Credential.objects.for_tenant(active.tenant)
    if ours.filter(state=CredentialState.CANDIDATE).exists():
        raise Refusal("being_proven")
    refuse_if_replaced(active)
    Rotation.objects.create(tenant=active.tenant, old=active, old_okta_id=okta_id, asked_at=Now())


def rotation_ask_again(rotation: Rotation) -> None:
    _becomes(rotation, RotationState.ASKED, asked_at=Now())


def rotation_seal(rotation: Rotation, okta_id: str, new: Credential, sealed: SealedSecret) -> None:
    """Keep the new value. Committed or lost: there is no third place where it could be."""
    _becomes(rotation, RotationState.SEALED, new_okta_id=okta_id, sealed_at=Now())
    candidate_save(new, sealed)
    Rotation.objects.filter(pk=rotation.pk).update(new=new)


def rotation_promote(rotation: Rotation, new: Credential) -> None:
    grace = timedelta(hours=settings.ROTATION_GRACE_HOURS)
    _becomes(rotation, RotationState.PROMOTED, retire_at=Now() + grace)
    credential_activate(new, frozenset(rotation.old.scopes_granted.split()))
    _note(rotation, "connection.secret_rotated", new)


def rotation_deactivated(rotation: Rotation) -> None:
    _becomes(rotation, RotationState.DEACTIVATED)


def rotation_done(rotation: Rotation) -> None:
    _becomes(rotation, RotationState.DONE, ended_at=Now())
    credential_end(rotation.old, by=rotation.new)
    _note(rotation, "connection.secret_retired", rotation.old)


def rotation_undone(rotation: Rotation, *, dropped: Credential | None = None) -> None:
    """Nothing has come of it; ``dropped`` is what it leaves that nobody needs."""
    _becomes(rotation, RotationState.UNDONE, ended_at=Now())
    if dropped:
        credential_end(dropped)


def rotation_unanswered(rotation: Rotation) -> None:
    """No new secret has reached us, and none is left in Okta."""
    rotation_undone(rotation)
    _stop(rotation.tenant, UNANSWERED)


def rotation_refused(rotation: Rotation, new: Credential) -> None:
    """Okta does not take the new secret: it is not kept."""
    rotation_undone(rotation, dropped=new)
    _stop(rotation.tenant, REFUSED)


def rotation_swap_back(rotation: Rotation, new: Credential) -> None:
    """The new secret does not work any more, and the old one does.

    Raises:
        CredentialReplaced: the customer has brought one meanwhile, which is in use.
    """
    refuse_if_replaced(new)
    rotation_undone(rotation, dropped=new)
    old = Credential.objects.filter(pk=rotation.old.pk, state=CredentialState.RETIRING)
    old.update(state=CredentialState.ACTIVE)
    _stop(rotation.tenant, REFUSED)
    _note(rotation, "connection.secret_restored", rotation.old)


def rotation_give_up(tenant: Tenant) -> None:
    """Leave a rotation that nobody is at where it is: the customer brings a secret of their own,
    maybe because ours cannot go on. What it made in Okta is theirs to tidy.

    Raises:
        SecretBeingReplaced: just now somebody has gone on with it.
    """
    rotation = live_rotation(tenant)
    if rotation is None:
        return
    try:
        rotation_undone(rotation, dropped=rotation.new)
    except CredentialReplaced as exc:
        raise SecretBeingReplaced from exc
    AuditEvent.objects.record("rotation.given_up", tenant=tenant)


def rotation_unclear(tenant: Tenant) -> None:
    """What is in Okta is not ours to judge: leave all as it is."""
    if rotation := live_rotation(tenant):
        _becomes(rotation, RotationState.UNCLEAR, ended_at=Now())
    _stop(tenant, UNCLEAR)


def rotation_refused_to_us(tenant: Tenant) -> None:
    """The org does not let us, or no more: what has begun goes on when it does."""
    _stop(tenant, NOT_GRANTED)


def _stop(tenant: Tenant, code: str) -> None:
    """Rotate no more by ourselves until somebody has looked."""
    if tenant.attention_code == code:  # it was tried again, and nobody has looked yet
        return
    Tenant.objects.filter(pk=tenant.pk).update(attention_code=code, rotates_itself=False)
    tenant.refresh_from_db()
    AuditEvent.objects.record("rotation.stopped", tenant=tenant, code=code)


def _becomes(rotation: Rotation, state: RotationState, **values: Any) -> None:
    """From the state in which it was read, before all else that follows from it.

    Raises:
        CredentialReplaced: it is not in that state any more, so whoever read it looks again.
    """
    as_read = Rotation.objects.filter(pk=rotation.pk, state=rotation.state)
    if not as_read.update(state=state, **values):
        raise CredentialReplaced("the rotation was given up, or went on, meanwhile")
    rotation.refresh_from_db()


def _note(rotation: Rotation, action: str, credential: Credential) -> None:
    AuditEvent.objects.record(action, tenant=rotation.tenant, credential=str(credential.pk))
