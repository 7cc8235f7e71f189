"""Applying the changes of a run, one after the other."""

from collections.abc import Iterator
from typing import ClassVar

from tenants.actions.application import Application
from tenants.actions.catalogue import TRACES
from tenants.actions.conclusions import conclude_changes, end_changes
from tenants.choices import IntentState, RunKind
from tenants.connections.credentials import active_of, refuse_if_replaced
from tenants.connections.trouble import connection_failed
from tenants.models import Intent
from tenants.okta.errors import OktaAuthError
from tenants.okta.operations import OPERATIONS, Operation, scopes_of
from tenants.runs.context import RunContext
from tenants.runs.handlers import Conclusion, Handler, Step


class ApplyHandler(Handler):
    """Its token holds the scopes of the run's own changes, and so none that all runs share."""

    kind: ClassVar[RunKind] = RunKind.APPLY

    def steps(self, context: RunContext) -> Iterator[Step]:
        credential = active_of(context.tenant)
        intents = list(context.run.intents.order_by("number"))
        client = context.client(credential, scopes_for(intents))
        try:
            for intent in intents:
                yield from Application(context, client, intent, len(intents)).steps()
                if intent.state != IntentState.DONE:
                    return  # those after it may build on it
        except OktaAuthError:
            refuse_if_replaced(credential)
            raise

    def conclude(self, context: RunContext) -> Conclusion:
        return conclude_changes(context.run)

    def refused(self, context: RunContext, code: str) -> None:
        end_changes(context.run, code)
        connection_failed(context.run, code)


def scopes_for(intents: list[Intent]) -> frozenset[str]:
    """What changing and reading back needs, and nothing more."""
    return scopes_of(operation for intent in intents for operation in _operations_of(intent))


def _operations_of(intent: Intent) -> tuple[Operation, Operation]:
    return OPERATIONS[intent.operation], TRACES[intent.operation].reader
