"""Reminding of secrets that have grown old.

Okta lets a secret live for ever, so its age is for us to watch. The customer's contact gets a mail
at each of ``SECRET_REMINDER_DAYS``; the operators get one a day about all tenants together.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from tenants.choices import CredentialState, OperatorRole, TenantState
from tenants.models import Credential, Reminder, SetupLink, User
from tenants.outbox.writing import mail_write

#: At most so many at once: a tick has other things to do.
BATCH = 200
OPERATORS_TOLD_EVERY = timedelta(days=1)
_AT_WORK = (TenantState.CONNECTED, TenantState.ATTENTION)


def remind() -> int:
    """Remind of every secret that has reached an age since we last looked; returns of how many.

    Of one that is past several, only the highest is mentioned.
    """
    return sum(
        _remind(credential, days)
        for days in sorted(settings.SECRET_REMINDER_DAYS, reverse=True)
        for credential in _old(days)[:BATCH]
    )


def remind_operators() -> int:
    """Tell all operators of what was reminded of since they were last told; returns of how many."""
    with transaction.atomic():
        untold = Reminder.objects.filter(told_at=None).select_related("tenant", "credential")
        reminders = list(untold.select_for_update(of=("self",)).order_by("-days", "at"))
        lately = Reminder.objects.filter(told_at__gt=Now() - OPERATORS_TOLD_EVERY)
        if not reminders or lately.exists():
            return 0
        Reminder.objects.filter(pk__in=[one.pk for one in reminders]).update(told_at=Now())
        for operator in _operators():
            mail_write(to=operator.email, template="old_secrets", reminders=reminders)
    return len(reminders)


def age_days(since: datetime) -> int:
    return (timezone.now() - since).days


def _old(days: int) -> "QuerySet[Credential]":
    reminded = Reminder.objects.filter(credential=OuterRef("pk"), days__gte=days)
    return Credential.objects.filter(
        ~Exists(reminded),
        state=CredentialState.ACTIVE,
        created_at__lte=Now() - timedelta(days=days),
        tenant__state__in=_AT_WORK,
    ).select_related("tenant")


def _remind(credential: Credential, days: int) -> bool:
    tenant = credential.tenant
    try:
        with transaction.atomic():
            Reminder.objects.create(tenant=tenant, credential=credential, days=days)
            mail_write(
                to=tenant.contact_email,
                template="old_secret",
                tenant=tenant,
                days=age_days(credential.created_at),
                link=_usable_link(credential),
                advised_days=max(settings.SECRET_REMINDER_DAYS),
            )
    except IntegrityError:  # another tick was quicker
        return False
    return True


def _usable_link(credential: Credential) -> SetupLink | None:
    live = SetupLink.objects.for_tenant(credential.tenant)
    return live.filter(revoked_at=None, expires_at__gt=Now()).first()


def _operators() -> Iterator[User]:
    roles = (OperatorRole.OPERATOR, OperatorRole.OWNER)
    yield from User.objects.filter(is_active=True, operator_role__in=roles)
