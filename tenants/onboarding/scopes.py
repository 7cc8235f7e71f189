"""The scopes we ask for, in words for the admin who grants them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.conf import settings

from tenants.connections.proof import ProofStep


@dataclass(frozen=True)
class AskedScope:
    """``title`` is what it is about ("Authorization servers"); ``reason`` is the vendor's."""

    name: str
    title: str
    reason: str

    @property
    def is_read_only(self) -> bool:
        return self.name.endswith(".read")

    @property
    def proven_title(self) -> str:
        return f"{self.title} can be {'read' if self.is_read_only else 'changed'}"


def asked_scopes() -> tuple[AskedScope, ...]:
    return tuple(AskedScope(name, _title(name), why) for name, why in settings.OKTA_SCOPES.items())


def in_words(steps: Iterable[ProofStep]) -> tuple[ProofStep, ...]:
    """The steps of a proof with titles instead of scopes, whose names move into the detail."""
    asked = {scope.name: scope for scope in asked_scopes()}
    return tuple(_in_words(step, asked.get(step.name)) for step in steps)


def _in_words(step: ProofStep, scope: AskedScope | None) -> ProofStep:
    if scope is None:
        return step
    detail = " · ".join(part for part in (step.name, step.detail) if part)
    return replace(step, title=scope.proven_title, detail=detail)


def _title(scope: str) -> str:
    """ "okta.authorizationServers.read" -> "Authorization servers"."""
    subject = scope.split(".")[-2] if "." in scope else scope
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", subject)
    return words.capitalize()
