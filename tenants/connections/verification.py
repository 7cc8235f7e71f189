"""Proving a candidate: the org is there, it grants a token, and each scope works.

A refused candidate leaves nothing behind but its history; a proven one is promoted in the same
transaction that ends the run.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, ClassVar

from django.conf import settings

from tenants.broker.sealing import secret_open
from tenants.choices import RunKind
from tenants.connections.credentials import candidate_of, find_active
from tenants.connections.promotion import candidate_drop, candidate_promote
from tenants.models import Credential
from tenants.okta.errors import OktaAuthError, OktaForbidden, OktaNotLicensed, OktaScopeError
from tenants.okta.operations import Operation, probe_for
from tenants.okta.orgs import fetch_org_metadata
from tenants.runs.context import RunContext
from tenants.runs.handlers import Conclusion, Handler, Refusal, Step
from tenants.vault.errors import VaultError

ORGANISATION = "organisation"
TOKEN = "token"  # noqa: S105  (the name of a step)


class VerifyHandler(Handler):
    kind: ClassVar[RunKind] = RunKind.VERIFY
    # Somebody is watching: two quick tries more, then an honest "not reachable".
    patience = 2
    first_pause_s = 2
    longest_wait_s = 600

    @property
    def operations(self) -> tuple[Operation, ...]:  # type: ignore[override]  # from the settings
        probes = (probe_for(scope) for scope in _scopes())
        return tuple(probe[0] for probe in probes if probe)

    @property
    def scopes(self) -> frozenset[str]:
        """All of the integration's, including those that no cheap call could prove."""
        return frozenset(_scopes())

    def steps(self, context: RunContext) -> Iterator[Step]:
        proof = _Proof(context, candidate_of(context.run), self.scopes)
        if ORGANISATION not in proof.proven:
            yield proof.find_organisation()
        if TOKEN not in proof.proven:
            yield proof.get_token()
        for scope in _scopes():
            if scope not in proof.proven and scope not in proof.missing:
                yield proof.prove_scope(scope)
        if proof.missing:
            raise Refusal("scope_missing", "Not granted: " + ", ".join(proof.missing))

    def conclude(self, context: RunContext) -> Conclusion:
        candidate_promote(
            context.run, scopes=self.scopes, engine=context.checkpoint["org"]["engine"]
        )
        return Conclusion(outcome=context.checkpoint)

    def refused(self, context: RunContext, code: str) -> None:
        context.run.outcome = context.checkpoint
        candidate_drop(context.run, code)


class _Proof:
    """The proof as far as it has come; its state is the run's checkpoint."""

    def __init__(self, context: RunContext, candidate: Credential, scopes: frozenset[str]) -> None:
        self.context = context
        self.candidate = candidate
        self.scopes = scopes

    @property
    def proven(self) -> list[str]:
        return list(self.context.checkpoint.get("proven", []))

    @property
    def missing(self) -> list[str]:
        return list(self.context.checkpoint.get("missing", []))

    def find_organisation(self) -> Step:
        org = fetch_org_metadata(self.context.org(self.candidate.host))
        known = self.context.tenant.org_id
        if known and known != org.org_id:
            raise Refusal("other_org", f"{self.candidate.host} is another Okta org than before.")
        self.candidate.host, self.candidate.org_id = org.host, org.org_id
        return self._step(
            ORGANISATION,
            "Organisation found",
            write=lambda: self.candidate.save(update_fields=["host", "org_id"]),
            org={"id": org.org_id, "host": org.host, "engine": org.engine},
        )

    def get_token(self) -> Step:
        """One token for all scopes, as every later job will ask. Which are missing shows later."""
        try:
            self.context.tokens(self.candidate).token(self.scopes)
        except OktaScopeError:
            # Okta checks the secret before the scopes, so this much is proven: the secret is good.
            return self._step(TOKEN, "Secret accepted, but not for every scope", narrowed=True)
        except OktaAuthError as exc:
            raise Refusal(self._refusal_code(exc), str(exc)) from exc
        since = self._known_since()
        if since is None:
            return self._step(TOKEN, "Token granted")
        told = "Token granted, for the secret that is in use already: it is as old as before"
        return self._step(TOKEN, told, write=partial(self._keep_age, since))

    def _known_since(self) -> datetime | None:
        """Since when we have this secret, if it is the one in use: sent again it is no younger."""
        active = find_active(self.context.tenant)
        if active is None or active.client_id != self.candidate.client_id:
            return None
        try:
            is_same = secret_open(active) == secret_open(self.candidate)
        except VaultError:  # that the one in use does not open may be why another was sent
            return None
        return active.created_at if is_same else None

    def _keep_age(self, since: datetime) -> None:
        Credential.objects.filter(pk=self.candidate.pk).update(created_at=since)

    def prove_scope(self, scope: str) -> Step:
        narrowed = self.context.checkpoint.get("narrowed", False)
        token_scopes = frozenset({scope}) if narrowed else self.scopes
        try:
            self._try(scope, token_scopes)
        except OktaScopeError:
            return self._keep(f"{scope} is not granted", missing=[*self.missing, scope])
        except OktaNotLicensed:
            licences = [*self.context.checkpoint.get("unlicensed", []), scope]
            return self._step(scope, f"{scope} granted, feature not licensed", unlicensed=licences)
        except OktaForbidden as exc:
            raise Refusal("role_too_narrow", f"{scope}: {exc}") from exc
        return self._step(scope, f"{scope} proven")

    def _try(self, scope: str, token_scopes: frozenset[str]) -> None:
        client, probe = self.context.client(self.candidate, token_scopes), probe_for(scope)
        if probe:
            client.call(probe[0], query=probe[1])
        else:  # nothing can be read without an id we do not have; the token alone proves it
            self.context.tokens(self.candidate).token(token_scopes)

    def _step(self, name: str, activity: str, *, write: Any = None, **facts: Any) -> Step:
        return self._keep(activity, write=write, proven=[*self.proven, name], **facts)

    def _keep(self, activity: str, *, write: Any = None, **facts: Any) -> Step:
        checkpoint = {**self.context.checkpoint, **facts}
        self.context.checkpoint = checkpoint
        self.context.say(f"{activity}.")
        done = len(self.proven) + len(self.missing)
        return Step(checkpoint, write, done, 2 + len(_scopes()), activity)

    def _refusal_code(self, error: OktaAuthError) -> str:
        """Tell a wrong secret from an unknown client as well as Okta lets us.

        Both are ``invalid_client``. Okta's text names the parameter it did not know; it chooses
        which advice we give, and decides nothing.
        """
        if "client_id" not in str(error):
            return "wrong_secret" if "secret" in str(error) else "invalid_client"
        before = Credential.objects.for_tenant(self.context.tenant).filter(
            client_id=self.candidate.client_id, proven_at__isnull=False
        )
        return "integration_revoked" if before.exists() else "unknown_client"


def _scopes() -> list[str]:
    return sorted(settings.OKTA_SCOPES)
