"""Pages of a listing and the Link headers that lead from one to the next."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from tenants.sandbox.delivery import Headers
from tenants.sandbox.replies import Refusal, okta_error
from tenants.sandbox.requests import Request

#: Okta writes a link's parameters in its own order and leaves all others out.
_LINK_ORDER = ("after", "limit", "q", "filter")

#: Python refuses to read numbers of thousands of digits.
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Paging:
    """How one listing pages.

    Attributes:
        eager_next: a full listing of authorization servers ends with a ``next`` all the same
            (recorded: 2 of 200, with a ``next``), and the page behind it is empty.
        fixed: the client has no say in the length, and links do not name it.
        quiet: no Link header at all unless another page follows.
    """

    default: int
    maximum: int = 200
    minimum: int = 1
    eager_next: bool = False
    fixed: bool = False
    quiet: bool = False


def clean_limit(request: Request, paging: Paging) -> int:
    """The page size asked for; -1 is Okta's way to say *yours*.

    Raises:
        Refusal: 400 for anything that is not a size this listing allows.
    """
    text = request.query.get("limit", "-1")
    if text == "-1" or paging.fixed:
        return paging.default
    sizes = range(paging.minimum, paging.maximum + 1)
    if not (_NUMBER.fullmatch(text) and int(text) in sizes):
        cause = f"limit: must be between {paging.minimum} and {paging.maximum}"
        raise okta_error(400, "E0000001", "Api validation failed: limit", cause)
    return int(text)


def bad_cursor() -> Refusal:
    return okta_error(400, "E0000029", "Invalid paging request.", "Invalid cursor.")


def build_links(request: Request, paging: Paging, limit: int, cursor: str | None) -> Headers:
    """One header line per relation; Okta never joins them with a comma."""
    if paging.quiet and not cursor:
        return []
    here = {**request.query, "limit": "" if paging.fixed else str(limit)}
    links = [("link", f'<{_address(request, here)}>; rel="self"')]
    if cursor:
        links.append(("link", f'<{_address(request, {**here, "after": cursor})}>; rel="next"'))
    return links


def _address(request: Request, query: dict[str, str]) -> str:
    kept = [(name, query[name]) for name in _LINK_ORDER if query.get(name)]
    return f"https://{request.authority}{request.path}?{urlencode(kept)}"
