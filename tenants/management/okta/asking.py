"""Leave for whatever is not a read."""

from collections.abc import Mapping
from typing import TextIO

from django.core.management.base import OutputWrapper

from tenants.calls.orgs import ConnectedOrg
from tenants.calls.wanted import Call
from tenants.errors import ServiceError
from tenants.management.okta.visible import visible
from tenants.okta.operations import Effect

_EFFECTS: Mapping[Effect, str] = {
    Effect.READ: "reads",
    Effect.CREATE: "makes something new",
    Effect.REPLACE: "replaces what is there",
    Effect.UPDATE: "changes a part of what is there",
    Effect.DELETE: "deletes, for good",
    Effect.LIFECYCLE: "changes a state",
}


class NotConfirmed(ServiceError):
    code = "not_confirmed"


def confirm(call: Call, org: ConnectedOrg, keyboard: TextIO | None, screen: OutputWrapper) -> None:
    """Ask whether to make the call; arguments and errors as in `ask`."""
    what = f"{call.operation.name} {_EFFECTS[call.operation.effect]}."
    ask(_told(call, org), keyboard, screen, what=what, if_not="nothing was sent")


def ask(
    question: str, keyboard: TextIO | None, screen: OutputWrapper, *, what: str, if_not: str
) -> None:
    """Ask whoever sits at the terminal; ``keyboard`` is None where standard input is closed.

    Raises:
        NotConfirmed: the answer is not a yes, or there is nobody to ask.
    """
    if not (keyboard and keyboard.isatty() and screen.isatty()):
        raise NotConfirmed(f"{what} Without a terminal to ask at, that needs --yes.")
    screen.write(visible(f"{question}\nGo on? [y/N] "), style_func=str, ending="")
    screen.flush()
    if not _is_yes(keyboard):
        raise NotConfirmed(f"Not confirmed: {if_not}.")


def _is_yes(keyboard: TextIO) -> bool:
    try:
        return keyboard.readline().strip().lower() in ("y", "yes")
    except UnicodeDecodeError:  # whatever that was, it was no yes
        return False


def _told(call: Call, org: ConnectedOrg) -> str:
    operation = call.operation
    query = "".join(f"\n  with {name}={value}" for name, value in call.told_query().items())
    lost = operation.creates_secret and not call.reveal
    return (
        f"{org.tenant.name} ({org.host}): {operation.name} {_EFFECTS[operation.effect]}\n"
        f"  {operation.method} {call.target}{query}\n"
        f"  {_told_body(call)}"
        + ("\n  The secret it makes is shown to nobody without --reveal-created." if lost else "")
    )


def _told_body(call: Call) -> str:
    if call.form:
        return f"form with {', '.join(call.form)}"
    return f"{call.body.kind}, {len(call.body.data)} bytes" if call.body else "no body"
