"""The ways an org can be hard on its clients, each switched on by setting a field."""

from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Literal, get_type_hints

import msgspec

#: Requests at once that Okta allows a workforce org; 35 in a free one.
CONCURRENCY = 75

ClientKind = Literal["integration", "dpop", "custom"]
HeaderStyle = Literal["plain", "doubled", "none"]

_Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]

#: The kinds of object that a role can be narrow about.
Narrowed = Literal["app", "authorization_server", "push_provider", "api_service"]

#: By kind, the ids that a role may see, or the share of the objects, or None for nothing at all.
Visible = dict[Narrowed, frozenset[str] | _Share | None]


@dataclass(kw_only=True)
class Modes:
    """Fields of an org that may be changed at any time and count from the next request.

    Attributes:
        client_kind: ``integration`` is what an OIN install makes; ``dpop`` and ``custom`` are
            service apps made by hand, whose credentials people paste by mistake.
        licensed: whether the org has bought API Access Management.
        dead: a deactivated org answers 404 with a page to everything.
        read_only: Okta's failover; reads and tokens work, everything else is a 503.
        narrows_scopes: answer a partly granted request with fewer scopes instead of an error;
            both are possible readings of Okta's documentation.
        visible: what the client's admin role may see; a kind that is not named is seen whole.
        token_lifetime_s: Okta's is fixed at one hour.
        delay_s: wait this long before each answer.
        settling_s: what lies under a new object answers 404 for so long after its creation.
        max_concurrency: more requests at once are refused with a 429 that names no limit.
        max_page_size: a page holds no more objects than this, however many are asked for; Okta
            promises no full pages, only a ``next`` link while there is more.
        max_apps: an org's quota, which nothing announces; a 400 once it is used up.
        rate_limit_headers: ``doubled`` also counts the half of each bucket that one client gets,
            and sends a second line of each header for it; ``none`` sends no such headers.
    """

    client_kind: ClientKind = "integration"
    licensed: bool = True
    dead: bool = False
    read_only: bool = False
    narrows_scopes: bool = False
    visible: Visible = field(default_factory=dict)
    token_lifetime_s: Annotated[int, msgspec.Meta(ge=1, le=86_400)] = 3600
    delay_s: _Seconds = 0.0
    settling_s: _Seconds = 0.0
    max_concurrency: Annotated[int, msgspec.Meta(ge=0)] = CONCURRENCY
    max_page_size: Annotated[int, msgspec.Meta(ge=1)] | None = None
    max_apps: Annotated[int, msgspec.Meta(ge=0)] | None = None
    rate_limit_headers: HeaderStyle = "plain"

    def page_length(self, limit: int) -> int:
        """How many objects a page holds of the ``limit`` that were asked for."""
        return min(limit, self.max_page_size or limit)


_TYPES = get_type_hints(Modes, include_extras=True)
MODES = tuple(field.name for field in fields(Modes))


def set_mode(org: Modes, name: str, value: Any) -> None:
    """Set a mode to a value that came as JSON.

    Raises:
        ValueError: there is no such mode, or the value is not one of its own.
    """
    if name not in _TYPES:
        raise ValueError(f"Unknown field {name!r}; there are {', '.join(sorted(MODES))}.")
    try:
        setattr(org, name, msgspec.convert(value, _TYPES[name]))
    except msgspec.ValidationError as exc:
        raise ValueError(f"{name} cannot be {value!r}: {exc}.") from exc
