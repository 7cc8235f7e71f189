"""What there is to know about one call of Okta's API."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlencode

#: Okta's ids are 20 letters and digits, key ids 43 of base64url; nothing longer is documented.
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: An app's maker may choose its client ID; of dots alone no path can be made.
CLIENT_ID = re.compile(r"(?!\.+\Z)[A-Za-z0-9$_.+!*'(),-]{1,100}")
#: What an id may look like, by its name in a path or in an object; `IDENTIFIER` for all others.
_SHAPES = {"clientId": CLIENT_ID, "client_id": CLIENT_ID}

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Effect(StrEnum):
    READ = "read"
    CREATE = "create"
    REPLACE = "replace"
    UPDATE = "update"  # changes a part and leaves the rest
    DELETE = "delete"
    LIFECYCLE = "lifecycle"


class Bucket(StrEnum):
    """Which of the org's rate limits a request is counted in."""

    APPS = "apps"  # the app list and every sub-resource of every app: the small one
    APP = "app"  # one app by id
    API = "api"  # the rest of /api/v1, shared with nearly everything the customer does
    TOKEN = "token"  # noqa: S105 - the name of a bucket, not a secret
    OTHER = "other"


class Paging(StrEnum):
    NONE = "none"  # the answer is no list
    WHOLE = "whole"  # a list that Okta documents as one page; a ``next`` link is followed anyhow
    CURSOR = "cursor"  # page by page, each linked from the one before


@dataclass(frozen=True)
class Operation:
    """One call of Okta's API.

    ``scope`` is empty where the client's own credentials are asked for instead of a token.
    ``page_limit`` is the largest page Okta documents, None where there is no ``limit`` parameter;
    ``id_field`` names what identifies a listed item. ``required`` are the query parameters Okta
    insists on. ``body`` and ``answers`` are media types, the preferred one first, empty for none.
    ``repeatable`` says that asking twice leaves the org as asking once would, even though the
    second answer may be an error (a 404 after a delete). ``creates_secret`` marks answers that
    show a secret this once. ``envelope`` names the members around a list that may come wrapped.
    """

    name: str
    method: str
    path: str
    scope: str
    effect: Effect
    bucket: Bucket
    page_limit: int | None = None
    id_field: str = "id"
    paging: Paging = Paging.NONE
    required: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    old_name: str = ""
    repeatable: bool = False
    creates_secret: bool = False
    envelope: tuple[str, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the ids in the path, outermost first."""
        return tuple(_PLACEHOLDER.findall(self.path))

    @property
    def is_read(self) -> bool:
        return self.effect == Effect.READ

    def target(self, path: Mapping[str, str], query: Mapping[str, str]) -> str:
        """The request target.

        Raises:
            ValueError: a parameter of the path is missing or no id, or a required one of the
                query is missing.
        """
        if missing := [name for name in self.required if not query.get(name)]:
            raise ValueError(f"{self.name} needs {', '.join(missing)}")
        filled = _PLACEHOLDER.sub(lambda found: _segment(found[1], path), self.path)
        return f"{filled}?{urlencode(query)}" if query else filled


def is_identifier(name: str, value: object) -> bool:
    """Whether ``value`` can be asked for as the parameter or member called ``name``."""
    return isinstance(value, str) and bool(_SHAPES.get(name, IDENTIFIER).fullmatch(value))


def _segment(name: str, path: Mapping[str, str]) -> str:
    # Ids come from Okta, but a path must not be steered by whoever can choose one there.
    value = path.get(name, "")
    if not is_identifier(name, value):
        raise ValueError(f"{name} is missing or no Okta id")
    return quote(value, safe="")
