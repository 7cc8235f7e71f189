"""What there is to know about one call of Okta's API."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlencode

#: Okta's ids are 20 letters and digits, key ids 43 of base64url; nothing longer is documented.
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")

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
    second answer may be an error (a 404 after a delete).
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

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the ids in the path, outermost first."""
        return tuple(_PLACEHOLDER.findall(self.path))

    def target(self, path: Mapping[str, str], query: Mapping[str, str]) -> str:
        """The request target.

        Raises:
            ValueError: a parameter of the path is missing or no id, or a required one of the
                query is missing.
        """
        if missing := [name for name in self.required if not query.get(name)]:
            raise ValueError(f"{self.name} needs {', '.join(missing)}")
        filled = _PLACEHOLDER.sub(lambda found: _segment(path.get(found[1], "")), self.path)
        return f"{filled}?{urlencode(query)}" if query else filled


def _segment(value: str) -> str:
    # Ids come from Okta, but a path must not be steered by whoever can choose one there.
    if not IDENTIFIER.fullmatch(value):
        raise ValueError("a path parameter is not an Okta id")
    return quote(value, safe="")
