"""Taking away what there is of a tenant that has left: secrets, tokens, and all that was read.

Batch after batch, so that a large tenant stops nobody. Whatever points to a tenant is found in the
models themselves: a table that is added later is emptied too.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.apps import apps
from django.db.models import Model, QuerySet

from tenants.broker.grants import tokens_revoke
from tenants.choices import CredentialState, RunKind
from tenants.connections.promotion import credential_end
from tenants.models import AuditEvent, Credential, Run, SetupLink, Tenant, TenantSummary
from tenants.runs.context import RunContext
from tenants.runs.handlers import Conclusion, Handler, Refusal, Step

BATCH = 500
#: What an empty tenant still has. They go with its own row.
_KEPT = frozenset({AuditEvent, SetupLink, TenantSummary})


class DisconnectHandler(Handler):
    kind: ClassVar[RunKind] = RunKind.DISCONNECT

    def steps(self, context: RunContext) -> Iterator[Step]:
        if not _has_left(context.tenant):
            raise Refusal("still_connected", "Nothing was deleted: the tenant is connected.")
        for credential in _retiring(context.tenant):
            yield _end(credential, context)
        for model in tables_of_tenants():
            while batch := list(_rows(model, context.run).values_list("pk", flat=True)[:BATCH]):
                yield _delete(model, batch, context)

    def conclude(self, context: RunContext) -> Conclusion:
        deleted = context.checkpoint.get("deleted", {})
        AuditEvent.objects.record("tenant.emptied", tenant=context.tenant, deleted=deleted)
        return Conclusion(outcome={"deleted": deleted})

    def refused(self, context: RunContext, code: str) -> None:
        # Whatever stopped us: the secrets go now, the rest when the run is tried again.
        if _has_left(context.tenant):
            for credential in _retiring(context.tenant):
                credential_end(credential)


def tables_of_tenants() -> list[type[Model]]:
    """All models that belong to a tenant, but for those kept, each before what it points to."""
    pointing = {
        model for model in apps.get_models() if Tenant in _pointed_to(model) and model not in _KEPT
    }
    waiting = sorted(pointing, key=lambda model: model._meta.label)
    ordered: list[type[Model]] = []
    while waiting:
        needed = {target for model in waiting for target in _pointed_to(model) - {model}}
        free = [model for model in waiting if model not in needed] or waiting
        ordered += free
        waiting = [model for model in waiting if model not in free]
    return ordered


def _pointed_to(model: type[Model]) -> set[Any]:
    return {field.related_model for field in model._meta.concrete_fields if field.is_relation}


def _rows(model: type[Model], run: Run) -> "QuerySet[Any]":
    rows = model._default_manager.filter(tenant=run.tenant_id)
    return rows.exclude(pk=run.pk) if model is Run else rows


def _delete(model: type[Model], batch: list[Any], context: RunContext) -> Step:
    deleted = dict(context.checkpoint.get("deleted", {}))
    name = str(model._meta.verbose_name_plural)
    deleted[name] = deleted.get(name, 0) + len(batch)
    context.checkpoint = {**context.checkpoint, "deleted": deleted}
    return Step(
        context.checkpoint,
        write=lambda: _delete_all(model, batch),
        done_count=sum(deleted.values()),
        activity=f"Deleting {name}",
    )


def _delete_all(model: type[Model], keys: list[Any]) -> None:
    model._default_manager.filter(pk__in=keys).delete()


def _end(credential: Credential, context: RunContext) -> Step:
    # The last thing that the secret is good for.
    tokens_revoke(credential, by=credential)
    context.say(f"Secret {credential.version} destroyed, its tokens ended.")
    return Step(
        context.checkpoint,
        write=lambda: credential_end(credential),
        activity="Destroying secrets and tokens",
    )


def _has_left(tenant: Tenant) -> bool:
    """Whether nothing can be done with its credentials any more, see ``purge_queue``."""
    usable = (CredentialState.ACTIVE, CredentialState.CANDIDATE)
    return not Credential.objects.for_tenant(tenant).filter(state__in=usable).exists()


def _retiring(tenant: Tenant) -> "QuerySet[Credential]":
    return Credential.objects.for_tenant(tenant).filter(state=CredentialState.RETIRING)
