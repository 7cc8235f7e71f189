"""Tenants and the links by which their admins come in."""

import hashlib
import secrets
import uuid
from contextlib import suppress
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from tenants.choices import LIVE_RUN_STATES, RunKind, TenantState
from tenants.errors import LinkNotUsable, RunAlreadyEnded, TenantDeleted, TenantExists
from tenants.models import AuditEvent, Run, SetupLink, Tenant, TenantSummary, User
from tenants.runs.queue import run_cancel


def tenant_create(
    *, name: str, contact_email: str, actor: User, tenant_id: uuid.UUID | None = None
) -> tuple[Tenant, str]:
    """Create a tenant with its setup link.

    ``tenant_id`` may be chosen by who asks: then asking twice makes one tenant.

    Returns:
        The tenant, and the link's token. Only a hash of it is kept: show it now or never.

    Raises:
        TenantExists: there is one with this id.
    """
    tenant = Tenant(id=tenant_id or uuid.uuid4(), name=name, contact_email=contact_email)
    try:
        with transaction.atomic():
            tenant.save(force_insert=True)
            TenantSummary.objects.refresh(tenant)
            AuditEvent.objects.record("tenant.created", tenant=tenant, actor=actor)
            return tenant, _issue(tenant, actor)
    except IntegrityError as exc:
        raise TenantExists from exc


def setup_link_renew(*, tenant: Tenant, actor: User) -> str:
    """Replace the tenant's link by a new one and return its token; the old one is dead at once.

    Raises:
        TenantDeleted: nobody is to come in any more.
    """
    with transaction.atomic():
        row = Tenant.objects.select_for_update().get(pk=tenant.pk)  # two at once would issue two
        if row.state == TenantState.DELETED:
            raise TenantDeleted
        _revoke(tenant)
        return _issue(tenant, actor)


def setup_link_revoke(*, tenant: Tenant, actor: User) -> None:
    """End the tenant's link, and a proof still under way with what came in by it."""
    with transaction.atomic():
        _revoke(tenant)
        for proof in Run.objects.for_tenant(tenant).filter(
            kind=RunKind.VERIFY, state__in=LIVE_RUN_STATES
        ):
            with suppress(RunAlreadyEnded):
                run_cancel(run=proof, actor=actor)
        AuditEvent.objects.record("setup_link.revoked", tenant=tenant, actor=actor)


def setup_links_end(tenant: Tenant) -> None:
    """Let nobody in by a link any more. Part of a transaction that says why."""
    _revoke(tenant)


def setup_link_open(token: str) -> SetupLink:
    """The link with this token. Opening it uses nothing up: mail scanners open links too.

    Raises:
        LinkNotUsable: unknown, expired or revoked.
    """
    link = _usable(SetupLink.objects.filter(token_hash=_hash(token)).first())
    if link.opened_at is None:
        SetupLink.objects.filter(pk=link.pk, opened_at=None).update(opened_at=timezone.now())
    return link


def setup_link_get(link_id: uuid.UUID) -> SetupLink:
    """The link with this id, for a visitor whose session already holds it.

    Raises:
        LinkNotUsable: expired or revoked meanwhile.
    """
    return _usable(SetupLink.objects.select_related("tenant").filter(pk=link_id).first())


def setup_path(token: str) -> str:
    return reverse("onboarding:enter", args=[token])


def _issue(tenant: Tenant, actor: User) -> str:
    token = secrets.token_urlsafe(32)
    expires_at = timezone.now() + timedelta(days=settings.SETUP_LINK_DAYS)
    link = SetupLink.objects.create(tenant=tenant, token_hash=_hash(token), expires_at=expires_at)
    AuditEvent.objects.record("setup_link.issued", tenant=tenant, actor=actor, link=str(link.pk))
    return token


def _revoke(tenant: Tenant) -> None:
    live = SetupLink.objects.for_tenant(tenant).filter(revoked_at=None)
    live.update(revoked_at=timezone.now())


def _usable(link: SetupLink | None) -> SetupLink:
    if link is None or not link.is_usable:
        raise LinkNotUsable
    return link


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
