"""What a rule is."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from tenants.audit.mirror import Mirror
from tenants.choices import Severity
from tenants.models import Resource


@dataclass(frozen=True)
class Failure:
    """Why a resource fails a rule. ``evidence`` maps JSON paths of its body to values found."""

    severity: Severity
    summary: str
    evidence: dict[str, Any]


@dataclass(frozen=True)
class Judgement:
    """One rule on one resource: it passed, it failed, or (``unknown``) it could not be told."""

    resource: Resource
    failure: Failure | None = None
    unknown: str = ""


class Rule(ABC):
    """One audit check. The slug is stable: findings are kept by it.

    ``reads`` are the kinds it needs; ``why`` it matters and the steps that ``fix`` it are shown to
    people, ``severity_note`` says what makes it worse.
    """

    slug: ClassVar[str]
    title: ClassVar[str]
    why: ClassVar[str]
    fix: ClassVar[tuple[str, ...]]
    severity_note: ClassVar[str]
    reads: ClassVar[tuple[str, ...]]

    @abstractmethod
    def judge(self, mirror: Mirror) -> Iterator[Judgement]:
        """Every resource that the rule is about; those out of its scope are left out."""
