"""Replacing a tenant's secret by ourselves, so that no worker's death leaves it without one.

    asked ──► sealed ──► promoted ──(grace)──► deactivated ──► done
      │          └─ Okta does not take the new one: it is removed again ──► undone
      ├─ Okta was asked often enough, and none has reached us ──► undone
      └─ something in Okta is not ours to judge: nothing is touched ──► unclear

Each arrow is one commit, after what was asked of Okta and before what is asked next. The old secret
is deactivated only after Okta has granted a token for the new one, and deleted only after Okta has
granted one without it. A secret of whose making we did not learn is told by when it was made.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar

from tenants.broker.errors import BrokerBusy
from tenants.broker.sealing import secret_seal
from tenants.broker.tokens import narrowed
from tenants.choices import RotationState, RunKind
from tenants.connections import rotation_rows as rows
from tenants.connections.credentials import active_of, may_rotate, refuse_if_replaced
from tenants.connections.okta_secrets import OktaSecret, OktaSecrets
from tenants.connections.trouble import connection_failed
from tenants.models import Credential, Rotation
from tenants.okta.errors import OktaAmbiguous, OktaAuthError, OktaError
from tenants.okta.operations import OPERATIONS, Operation
from tenants.runs.context import RunContext
from tenants.runs.handlers import Conclusion, Handler, Later, Refusal, Step
from tenants.vault.errors import KeyringError, VaultError
from tenants.vault.secret import Secret

#: A creation that is not to be seen may still be under way: Okta's notes tell of a write of 30 s.
QUIET = timedelta(seconds=40)
#: By Okta's clock, how long before or after we asked for it a secret may have been made to be ours.
MADE_BEFORE, MADE_AFTER = timedelta(seconds=60), timedelta(seconds=180)
#: Okta may need a moment until a new secret is known everywhere.
KNOWN_WITHIN = timedelta(seconds=60)
TRY_AGAIN_S = 10.0
#: Askings of one run for a new secret after which a human has to look: each may make one in Okta.
MOST_ASKINGS = 3

_TOKEN = OPERATIONS["token"]
#: What the org may take from the integration at any time, also between two steps.
_NOT_ALLOWED = frozenset({rows.NOT_GRANTED, "scope_missing", "role_too_narrow"})
#: What passes without Okta having been asked.
_OURS = (BrokerBusy, KeyringError)


class RotateHandler(Handler):
    kind: ClassVar[RunKind] = RunKind.ROTATE
    operations: ClassVar[tuple[Operation, ...]] = OktaSecrets.operations
    is_optional: ClassVar[bool] = True
    longest_wait_s = 400 * 24 * 3600  # the time in which both secrets work is one such wait

    def steps(self, context: RunContext) -> Iterator[Step]:
        exchange = _Exchange(context, self.scopes)
        try:
            yield from self._steps(context, exchange)
        except OktaAuthError:
            refuse_if_replaced(exchange.active)
            raise
        except OktaAmbiguous as error:
            # Whatever is asked of a secret that is there: the next slice looks first how it is.
            error.retryable = True
            raise

    def _steps(self, context: RunContext, exchange: "_Exchange") -> Iterator[Step]:
        rotation = rows.live_rotation(context.tenant)
        if rotation is None and context.checkpoint:
            # It came to its end, and who brought it there died, or had to leave.
            if stopped := context.checkpoint.get("stopped"):
                raise Refusal(*stopped)
            return
        if rotation is None:
            yield exchange.begin()
        elif rotation.state == RotationState.ASKED:
            yield from exchange.clear_up(rotation)
        while rotation := rows.live_rotation(context.tenant):
            yield from exchange.next(rotation)

    def conclude(self, context: RunContext) -> Conclusion:
        return Conclusion()

    def refused(self, context: RunContext, code: str) -> None:
        connection_failed(context.run, code)
        if code == rows.UNCLEAR:
            rows.rotation_unclear(context.tenant)
        elif code in _NOT_ALLOWED:
            rows.rotation_refused_to_us(context.tenant)


class _Exchange:
    """What is asked of Okta on the way, and what to make of the answers."""

    def __init__(self, context: RunContext, scopes: frozenset[str]) -> None:
        self.context = context
        self.scopes = scopes
        self.askings: int = context.checkpoint.get("askings", 0)
        self._use(active_of(context.tenant))

    def begin(self) -> Step:
        if not may_rotate(self.active):
            raise Refusal(rows.NOT_GRANTED)
        self._mint(self.active)  # what is sealed here is one of those that are listed there
        listed = list(self.okta.all().values())
        if len(listed) != 1 or not listed[0].is_active:
            raise Refusal(rows.UNCLEAR, f"Okta lists {len(listed)} secrets, not ours alone.")
        return self._ask(rows.rotation_begin, self.active, listed[0].id)

    def clear_up(self, rotation: Rotation) -> Iterator[Step]:
        """Somebody before us asked, or was about to, and did not live to seal the answer."""
        quiet_s = (rotation.asked_at + QUIET - rows.now_of(rotation)).total_seconds()
        if quiet_s > 0:
            raise Later(quiet_s, "Okta to show what became of a request")
        listed = self.okta.all()
        if rotation.old_okta_id not in listed:
            raise Refusal(rows.UNCLEAR, "Okta does not list our own secret any more.")
        for stray in (secret for secret in listed.values() if secret.id != rotation.old_okta_id):
            if not _is_ours(stray, rotation):
                raise Refusal(rows.UNCLEAR, "Okta lists a secret that is not of our making.")
            self.okta.remove(stray.id, is_active=stray.is_active)
            self.context.say("Removed a new secret whose value had not reached us.")
        if self.askings < MOST_ASKINGS:
            yield self._ask(rows.rotation_ask_again, rotation)
            return
        no = Refusal(rows.UNANSWERED, f"Asked {self.askings} times, and no new secret reached us.")
        yield self._last("No new secret", no, rows.rotation_unanswered, rotation)
        raise no

    def next(self, rotation: Rotation) -> Iterator[Step]:
        match rotation.state:
            case RotationState.ASKED:
                yield from self._make(rotation)
            case RotationState.SEALED:
                yield from self._prove(rotation)
            case _ if self._is_overtaken(rotation):
                drop = partial(rows.rotation_undone, dropped=rotation.old)
                yield self._step("Another secret has come since", drop, rotation)
            case RotationState.PROMOTED:
                yield from self._retire(rotation)
            case RotationState.DEACTIVATED:
                yield from self._delete(rotation)

    def _make(self, rotation: Rotation) -> Iterator[Step]:
        new = _beside(rotation.old)
        try:
            # A key service that is away is met before there is anything in Okta to be kept.
            secret_seal(new, Secret("nothing yet"))
            made = self.okta.create()
        except OktaAmbiguous as error:
            raise Later(QUIET.total_seconds() + 1, "what became of a request") from error
        except (OktaError, VaultError) as error:  # surely not made
            if error.retryable or isinstance(error, _OURS):
                yield self._take_asking_back()
            else:
                no = Refusal(error.code, str(error))
                yield self._last("Okta made no new secret", no, rows.rotation_undone, rotation)
            raise
        kept = made.id, new, secret_seal(new, made.value)
        yield self._step("New secret sealed", rows.rotation_seal, rotation, *kept)

    def _prove(self, rotation: Rotation) -> Iterator[Step]:
        new = _new_of(rotation)
        try:
            self._mint(new)
        except OktaAuthError as error:
            if rotation.sealed_at and rows.now_of(rotation) < rotation.sealed_at + KNOWN_WITHIN:
                raise Later(TRY_AGAIN_S, "Okta to know the new secret") from error
            no = Refusal(rows.REFUSED, "Okta does not take the secret it made.")
            yield self._take_back(rotation, new, no)
            raise no from error
        yield self._step("New secret proven and in use", rows.rotation_promote, rotation, new)

    def _take_back(self, rotation: Rotation, new: Credential, no: Refusal) -> Step:
        if made := self.okta.all().get(rotation.new_okta_id):
            self.okta.remove(made.id, is_active=made.is_active)
        return self._last("New secret removed again", no, rows.rotation_refused, rotation, new)

    def _retire(self, rotation: Rotation) -> Iterator[Step]:
        now = rows.now_of(rotation)
        if rotation.retire_at and rotation.retire_at > now:
            wait_s = (rotation.retire_at - now).total_seconds()
            raise Later(wait_s, "the end of the time in which both secrets work")
        if not self._new_one_works():
            yield from self._go_back(rotation)
        listed = self.okta.all()
        if rotation.new_okta_id not in listed or not listed[rotation.new_okta_id].is_active:
            raise Refusal(rows.UNCLEAR, "Okta does not list the new secret as active.")
        old = listed.get(rotation.old_okta_id)
        if old and old.is_active:
            self.okta.deactivate(old.id)
        yield self._step("Old secret deactivated", rows.rotation_deactivated, rotation)

    def _delete(self, rotation: Rotation) -> Iterator[Step]:
        if not self._new_one_works():
            self.okta.activate(rotation.old_okta_id)
            yield from self._go_back(rotation)
        if rotation.old_okta_id in self.okta.all():
            self.okta.remove(rotation.old_okta_id, is_active=False)
        yield self._step("Old secret deleted", rows.rotation_done, rotation)

    def _go_back(self, rotation: Rotation) -> Iterator[Step]:
        """Somebody has taken the new secret away; the old one works, or there is none."""
        self._mint(rotation.old)
        no = Refusal(rows.REFUSED, "Okta does not take the new secret any more.")
        new = _new_of(rotation)
        yield self._last("Back to the old secret", no, rows.rotation_swap_back, rotation, new)
        raise no

    def _is_overtaken(self, rotation: Rotation) -> bool:
        """The customer has sent a secret since: theirs stays, and Okta's list is theirs to tidy."""
        self._use(active_of(self.context.tenant))
        return self.active.pk != _new_of(rotation).pk

    def _new_one_works(self) -> bool:
        try:
            self._mint(self.active)
        except OktaAuthError:
            return False
        return True

    def _use(self, credential: Credential) -> None:
        self.active = credential
        client = self.context.client(credential, self.scopes)
        self.okta = OktaSecrets(client, credential.client_id)

    def _mint(self, credential: Credential) -> None:
        """Have Okta grant a token for this very secret, past all caches."""
        tokens, org = self.context.tokens(credential), self.context.org(credential.host)
        scopes = " ".join(sorted(narrowed(self.scopes)))
        tokens.ask(org, _TOKEN, {"grant_type": "client_credentials", "scope": scopes})

    def _step(self, activity: str, write: Callable[..., None], *arguments: object) -> Step:
        self.context.say(f"{activity}.")
        return Step(self._checkpoint(), partial(write, *arguments), activity=activity)

    def _ask(self, write: Callable[..., None], *arguments: object) -> Step:
        """Commit that Okta is asked for a new secret; `_make` follows in the same slice."""
        self.askings += 1
        return replace(self._step("Asking for a new secret", write, *arguments), announces=True)

    def _take_asking_back(self) -> Step:
        self.askings -= 1
        return Step(self._checkpoint(), activity="Asking for a new secret", announces=True)

    def _last(
        self, activity: str, no: Refusal, write: Callable[..., None], *arguments: object
    ) -> Step:
        """The step of a rotation that ends with ``no``, for whoever takes over to say it too."""
        step = self._step(activity, write, *arguments)
        return replace(step, checkpoint={**step.checkpoint, "stopped": [no.code, no.detail]})

    def _checkpoint(self) -> dict[str, Any]:
        return {"begun": True, "askings": self.askings}


def _beside(old: Credential) -> Credential:
    """A credential of the same integration, not saved yet, for another of its secrets."""
    place = {"tenant": old.tenant, "host": old.host, "org_id": old.org_id}
    return Credential(client_id=old.client_id, **place)


def _is_ours(stray: OktaSecret, rotation: Rotation) -> bool:
    """Only one that was not there before, and that was made when we asked for one."""
    made_at = stray.created
    return rotation.asked_at - MADE_BEFORE <= made_at <= rotation.asked_at + MADE_AFTER


def _new_of(rotation: Rotation) -> Credential:
    if rotation.new is None:
        raise LookupError("a rotation that is sealed has a new credential")
    return rotation.new
