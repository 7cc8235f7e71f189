"""The scopes we ask for, in words for the admin who grants them."""

import re
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class AskedScope:
    """``title`` is what it is about ("Authorization servers"); ``reason`` is the vendor's."""

    name: str
    title: str
    reason: str

    @property
    def is_read_only(self) -> bool:
        return self.name.endswith(".read")


def asked_scopes() -> tuple[AskedScope, ...]:
    return tuple(AskedScope(name, _title(name), why) for name, why in settings.OKTA_SCOPES.items())


def _title(scope: str) -> str:
    """ "okta.authorizationServers.read" -> "Authorization servers"."""
    subject = scope.split(".")[-2] if "." in scope else scope
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", subject)
    return words.capitalize()
