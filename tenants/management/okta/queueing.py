"""A change that is committed for a worker to make, instead of being made here and now."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.management.base import OutputWrapper
from django.urls import reverse

from tenants.actions.asking import actions_apply
from tenants.actions.catalogue import trace_for
from tenants.actions.wanted import Wanted
from tenants.calls.errors import CallRefused
from tenants.calls.orgs import ConnectedOrg
from tenants.calls.record import VIA
from tenants.calls.wanted import Call
from tenants.management.okta.arguments import login
from tenants.models import Run
from tenants.okta import bodies
from tenants.okta.answers import read_json

#: Options that are about an answer, by what they are called here; a queued change has none.
_OF_ANSWERS = {
    "all": "--all",
    "file": "--file",
    "overwrite": "--overwrite",
    "accept": "--accept",
    "reveal_created": "--reveal-created",
}


def change_build(call: Call, options: Mapping[str, Any]) -> Wanted:
    """The change that a call would make.

    Raises:
        CallRefused, ChangeRefused: it cannot be queued; the sentence says why.
    """
    if told := [flag for name, flag in _OF_ANSWERS.items() if options[name]]:
        raise CallRefused(f"With --queue there is no answer here, so {told[0]} means nothing.")
    content = call.body
    is_json = content is not None and content.kind == bodies.JSON
    body = read_json(content.data, strict=True) if content and is_json else None
    change = Wanted(call.operation, call.path, call.query, body)
    trace_for(change)
    return change


def queue(change: Wanted, org: ConnectedOrg, stdout: OutputWrapper, stderr: OutputWrapper) -> Run:
    """Commit it; the run's id goes to standard output, and where to follow it beside that."""
    run = actions_apply(tenant=org.tenant, actor=None, wanted=[change], via=VIA, login=login())
    stdout.write(str(run.pk))
    page = f"{settings.PUBLIC_URL}{reverse('dashboard:run', args=[run.pk])}"
    stderr.write(f"Queued. A worker makes the change; follow it at {page}", style_func=str)
    return run
