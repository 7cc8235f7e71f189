"""Calls on one org. Knows no endpoint by name: everything comes from the catalogue."""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Protocol

from tenants.okta.answers import Answer, BadJson, read_json
from tenants.okta.egress import OrgConnection
from tenants.okta.errors import (
    OktaAuthError,
    OktaError,
    OktaProtocolError,
    OktaRateLimited,
    ScopeNotHeld,
)
from tenants.okta.limits import Seen
from tenants.okta.oauth import AccessToken
from tenants.okta.operations import Effect, Operation, allows
from tenants.okta.paging import MAX_PAGES, Listing, Page, has_cursor
from tenants.okta.redact import drop_secrets
from tenants.okta.refusals import api_refusal

#: Waits longer than this are the caller's: a worker has other things to do.
LONGEST_SLEEP_S = 10.0
REPEATS_OF_A_READ = 2
FIRST_BACKOFF_S = 0.5

_NOTHING: Mapping[str, str] = MappingProxyType({})
_random = secrets.SystemRandom()


class TokenSource(Protocol):
    """Where tokens come from: the broker, or a list in a test."""

    def token(self, scopes: frozenset[str]) -> AccessToken: ...

    def discard(self, token: AccessToken) -> None:
        """Never hand out this token again: Okta has refused it."""


class OktaClient:
    """Typed calls on one org, all with one token of exactly ``scopes``.

    Every method raises from the tree in `tenants.okta.errors`. A read is tried up to three times;
    a refused token is replaced once; a rate limit of at most 10 s is slept out once.
    """

    def __init__(
        self,
        http: OrgConnection,
        tokens: TokenSource,
        scopes: frozenset[str],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._scopes = scopes
        self._sleep = sleep
        self._seen = Seen()
        self._calls = 0

    @property
    def calls(self) -> int:
        """API requests sent, repeats included, token requests not."""
        return self._calls

    def call(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] = _NOTHING,
        query: Mapping[str, str] = _NOTHING,
        body: object | None = None,
    ) -> Any:
        """The decoded JSON of the answer, secrets dropped; None when Okta sent no body.

        Raises:
            ScopeNotHeld: the operation needs a scope this client was not made with.
            ValueError: a path parameter is missing or no Okta id.
        """
        self._require(operation)
        _, value = self._ask(operation, operation.target(path, query), body)
        return value

    def pages(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] = _NOTHING,
        query: Mapping[str, str] = _NOTHING,
        start: str | None = None,
        max_pages: int = MAX_PAGES,
    ) -> Iterator[Page]:
        """The pages of a listing, fetched as they are asked for.

        Args:
            start: ``Page.next`` of an earlier walk, to go on there.

        Raises:
            OktaCursorError: Okta has forgotten ``start``; begin without it.
            OktaProtocolError: also when the list has more than ``max_pages`` pages.
        """
        self._require(operation)
        listing = Listing(operation, self._http.host, path, query, start)
        return self._walk(operation, listing, max_pages)

    def _walk(self, operation: Operation, listing: Listing, max_pages: int) -> Iterator[Page]:
        target = listing.first
        for _ in range(max_pages):
            answer, value = self._ask(operation, target, None)
            page = listing.page(answer, value)
            yield page
            if page.next is None:
                return
            target = page.next
        raise OktaProtocolError(f"the listing has more than {max_pages} pages", retryable=False)

    def _require(self, operation: Operation) -> None:
        if not allows(self._scopes, operation):
            raise ScopeNotHeld(f"{operation.name} needs {operation.scope}")

    def _ask(self, operation: Operation, target: str, body: object | None) -> tuple[Answer, Any]:
        if wait := self._seen.wait(operation.bucket):
            raise OktaRateLimited("the org's rate limit is nearly used up", retry_after=wait)
        patience = _Patience(operation)
        while True:
            token = self._tokens.token(self._scopes)
            try:
                return self._try(operation, target, body, token)
            except OktaError as error:
                pause = patience.pause_after(error)
                if pause is None:
                    raise
                if isinstance(error, OktaAuthError):
                    self._tokens.discard(token)
            self._sleep(pause)

    def _try(
        self, operation: Operation, target: str, body: object | None, token: AccessToken
    ) -> tuple[Answer, Any]:
        self._calls += 1
        answer = self._http.send(
            operation.method, target, headers=_headers(token), body=_encoded(body)
        )
        self._seen.note(operation.bucket, answer)
        if not answer.ok:
            raise api_refusal(
                answer, scope=operation.scope, paging=has_cursor(target), hide=token.value
            )
        return answer, _decoded(answer)


class _Patience:
    """How often one call may still be repeated, and after which pause."""

    def __init__(self, operation: Operation) -> None:
        self._new_tokens = 1
        self._waits = 1
        # A write that got no answer may have happened; only its caller can find out.
        self._repeats = REPEATS_OF_A_READ if operation.effect == Effect.READ else 0
        self._backoff_s = FIRST_BACKOFF_S

    def pause_after(self, error: OktaError) -> float | None:
        """Seconds before the next try, None when there shall be none."""
        if isinstance(error, OktaAuthError):
            self._new_tokens -= 1
            return 0.0 if self._new_tokens >= 0 else None
        if isinstance(error, OktaRateLimited):
            return self._pause_for(error.retry_after or 0.0)
        return self._backoff() if error.retryable else None

    def _pause_for(self, wait_s: float) -> float | None:
        self._waits -= 1
        return wait_s if self._waits >= 0 and wait_s <= LONGEST_SLEEP_S else None

    def _backoff(self) -> float | None:
        if self._repeats == 0:
            return None
        self._repeats -= 1
        pause = _random.uniform(0, self._backoff_s)
        self._backoff_s *= 2
        return pause


def _headers(token: AccessToken) -> dict[str, str]:
    return {
        "authorization": f"Bearer {token.value}",
        "accept": "application/json",
        "content-type": "application/json",
    }


def _encoded(body: object | None) -> bytes:
    return b"" if body is None else json.dumps(body, ensure_ascii=False).encode()


def _decoded(answer: Answer) -> Any:
    """The answer's JSON without secrets, None for no body. Raises OktaProtocolError."""
    if not answer.body:
        return None
    if answer.media_type != "application/json":
        raise OktaProtocolError("the answer is not JSON", status=answer.status)
    try:
        return drop_secrets(read_json(answer.body))
    except BadJson as exc:
        raise OktaProtocolError(str(exc), status=answer.status) from exc
