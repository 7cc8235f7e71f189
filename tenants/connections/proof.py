"""A verification as people follow it: which step it is at, and what stopped it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from tenants.choices import RunKind, RunState
from tenants.connections.explanations import Explanation, explain
from tenants.connections.verification import ORGANISATION, TOKEN
from tenants.models import Credential, Run, Tenant

_ENGINES = {"idx": "Identity Engine", "v1": "Classic Engine"}


@dataclass(frozen=True)
class ProofStep:
    """``state`` is waiting, working, done, failed or (after a refusal) not tried."""

    name: str
    title: str
    state: str
    detail: str = ""


@dataclass(frozen=True)
class Proof:
    """``state`` is working, proven or refused; ``explanation`` says why it was refused."""

    run: Run
    host: str
    steps: tuple[ProofStep, ...]
    state: str
    explanation: Explanation | None


def latest_verify(tenant: Tenant) -> Run | None:
    runs = Run.objects.for_tenant(tenant).filter(kind=RunKind.VERIFY)
    return runs.order_by("-created_at").first()


def proof_of(run: Run) -> Proof:
    refused = not run.is_live and run.state != RunState.SUCCEEDED
    return Proof(
        run=run,
        host=_host(run),
        steps=tuple(_steps(run)),
        state="working" if run.is_live else "refused" if refused else "proven",
        explanation=explain(run.error_code) if refused else None,
    )


def _host(run: Run) -> str:
    tried = Credential.objects.for_tenant(run.tenant).filter(pk=run.params["credential"]).first()
    return tried.host if tried else run.tenant.host


def _steps(run: Run) -> Iterator[ProofStep]:
    facts: dict[str, Any] = run.checkpoint if run.is_live else run.outcome
    proven, missing = facts.get("proven", []), facts.get("missing", [])
    reached = True
    for name, title in _names():
        if name in proven:
            yield ProofStep(name, title, "done", _detail(name, facts))
        elif name in missing:
            yield ProofStep(name, title, "failed", "Not granted to this installation.")
        else:
            yield ProofStep(name, title, _open_state(run, reached))
            reached = False


def _names() -> Iterator[tuple[str, str]]:
    yield ORGANISATION, "Organisation found"
    yield TOKEN, "Token granted"
    for scope in sorted(settings.OKTA_SCOPES):
        yield scope, scope


def _open_state(run: Run, reached: bool) -> str:
    """Only the first step that is not done is worked on, or is the one that failed."""
    if run.is_live:
        return "working" if reached and run.state == RunState.RUNNING else "waiting"
    # When scopes are missing, each has said so itself; the steps after it were not to blame.
    return "failed" if reached and run.error_code != "scope_missing" else "not tried"


def _detail(name: str, facts: dict[str, Any]) -> str:
    if name == ORGANISATION:
        org = facts.get("org", {})
        engine = _ENGINES.get(org.get("engine", ""), "")
        return " · ".join(part for part in (org.get("host", ""), engine, org.get("id", "")) if part)
    if name == TOKEN and facts.get("narrowed"):
        return "The secret is accepted, but a scope is missing."
    if name in facts.get("unlicensed", []):
        return "Granted. The feature itself is not licensed in this org."
    return ""
