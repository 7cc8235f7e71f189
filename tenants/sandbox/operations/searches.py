"""What a listing is searched for: ``q``, which means something else in each, or ``filter``."""

import re
from collections.abc import Callable
from typing import Any

from tenants.sandbox.replies import okta_error
from tenants.sandbox.store import Body, Matches

#: Makes a test of objects from what stands in ``q``.
Search = Callable[[str], Matches]

_FILTER = re.compile(r'(id|status|name|credentials\.signing\.kid) eq "([^"]*)"')

#: Whether signing out of Okta signs out of the app, by the filter's name and in the app itself.
_LOGOUT_FILTER = re.compile(r"settings\.slo\.enabled eq (true|false)")
_LOGOUT = "settings.signOn.slo.enabled"


def starts_with(q: str) -> Matches:
    """Whether name or label begins with it."""
    wanted, names = q.casefold(), ("name", "label")
    return lambda body: any(_text(body, name).casefold().startswith(wanted) for name in names)


def mentions(q: str) -> Matches:
    """Whether an authorization server has it in its name or audience."""
    wanted = q.casefold()
    return lambda server: any(
        wanted in text.casefold() for text in (server["name"], *server["audiences"])
    )


def read_filter(text: str) -> Matches:
    """
    Raises:
        Refusal: 400 for an expression other than ``FIELD eq VALUE`` over a few fields.
    """
    if parsed := _LOGOUT_FILTER.fullmatch(text.strip()):
        logs_out = parsed[1] == "true"
        return lambda body: bool(_at(body, _LOGOUT)) == logs_out
    if parsed := _FILTER.fullmatch(text.strip()):
        field, wanted = parsed.groups()
        return lambda body: _text(body, field) == wanted
    raise okta_error(400, "E0000031", "Invalid search criteria.")


def _text(body: Body, path: str) -> str:
    value = _at(body, path)
    return value if isinstance(value, str) else ""


def _at(body: Body, path: str) -> Any:
    value: Any = body
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
