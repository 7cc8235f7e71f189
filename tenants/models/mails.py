"""Mails, committed together with their cause and sent by a worker afterwards."""

from django.db import models
from django.utils import timezone

from tenants.models.base import TenantQuerySet, UuidModel
from tenants.models.credentials import Credential
from tenants.models.tenants import Tenant


class Mail(UuidModel):
    """One message to one person. It holds no secret, no token and no link that opens anything."""

    #: None for what is not about one tenant alone.
    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.CASCADE, related_name="+")
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    #: Empty once it was sent or given up: nobody needs it here any more.
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    #: How a mail waits, and how long whoever sends it has it to themselves.
    not_before = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveIntegerField(default=0)
    #: When the mail server took it, or we gave it up.
    sent_at = models.DateTimeField(null=True, blank=True)
    given_up_at = models.DateTimeField(null=True, blank=True)
    #: The kind of the last failure, never its text, which may quote the message.
    error = models.CharField(max_length=80, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(
                "not_before",
                condition=models.Q(sent_at__isnull=True, given_up_at__isnull=True),
                name="mail_due",
            ),
        )

    def __str__(self) -> str:
        return self.subject


class Reminder(UuidModel):
    """A secret has reached an age of which we remind: once for each, however often we look."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="reminders")
    credential = models.ForeignKey(Credential, on_delete=models.CASCADE, related_name="reminders")
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField(default=timezone.now)
    #: When the operators were told; the customer is told by a mail of the same transaction.
    told_at = models.DateTimeField(null=True, blank=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("credential", "days"), name="one_reminder_an_age"),
        )

    def __str__(self) -> str:
        return f"{self.days} days"
