"""A change to an org: a row before anything is sent, and what became of it."""

from typing import Self

from django.db import models
from django.db.models import Q

from tenants.choices import IntentState
from tenants.models.base import TenantQuerySet, UuidModel
from tenants.models.runs import Run
from tenants.models.tenants import Tenant


class IntentQuerySet(TenantQuerySet):
    def unsettled(self) -> Self:
        """What a human has to look into: nobody else can tell whether it was made."""
        return self.filter(state=IntentState.NEEDS_ATTENTION)


class Intent(UuidModel):
    """One call that changes an org, as it was asked for.

    SENT is committed before the request leaves. Whoever finds it so does not know whether the
    request left, arrived or took effect, and has to read that from the org.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="intents")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="intents")
    #: Its place in the run, from 1; those after it may build on it.
    number = models.PositiveIntegerField()
    #: Name in the catalogue, with the ids of its path and its query. Never a secret in any of it.
    operation = models.CharField(max_length=100)
    path = models.JSONField(default=dict, blank=True)
    query = models.JSONField(default=dict, blank=True)
    body = models.JSONField(null=True, blank=True)

    state = models.CharField(max_length=16, choices=IntentState, default=IntentState.PLANNED)
    #: What the org showed before the first sending, to tell later what is new; gone once settled.
    known = models.JSONField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    #: How often it was sent, or may have been.
    sent_count = models.PositiveIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    #: Of what was made.
    okta_id = models.CharField(max_length=128, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    #: A sentence on how we know.
    evidence = models.CharField(max_length=300, blank=True)

    objects = IntentQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "number"), name="one_intent_a_number"),
            models.CheckConstraint(
                condition=~Q(state=IntentState.SENT) | Q(sent_count__gt=0, sent_at__isnull=False),
                name="intent_sent_when",
            ),
        )
        indexes = (
            models.Index(
                "tenant",
                condition=Q(state=IntentState.NEEDS_ATTENTION),
                name="intent_unsettled",
            ),
        )

    def __str__(self) -> str:
        return f"{self.operation} {self.state}"
