"""Calls on one org. Knows no endpoint by name: everything comes from the catalogue."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from tenants.okta import bodies
from tenants.okta.answers import Answer, traceable
from tenants.okta.bodies import Content, Outcome
from tenants.okta.budgets import Budget, LocalBudget
from tenants.okta.egress import OrgConnection
from tenants.okta.errors import (
    OktaAmbiguous,
    OktaAuthError,
    OktaCursorError,
    OktaError,
    OktaProtocolError,
    OktaRateLimited,
    OktaReadOnly,
    ScopeNotHeld,
)
from tenants.okta.oauth import AccessToken
from tenants.okta.operations import Bucket, Operation, allows
from tenants.okta.paging import MAX_PAGES, Listing, Page, has_cursor, read_items
from tenants.okta.patience import LONGEST_SLEEP_S, Patience
from tenants.okta.refusals import api_refusal

_NOTHING: Mapping[str, str] = MappingProxyType({})

Read = TypeVar("Read")


class TokenSource(Protocol):
    """Where tokens come from: the broker, or a list in a test."""

    def token(self, scopes: frozenset[str]) -> AccessToken: ...

    def discard(self, token: AccessToken) -> None:
        """Never hand out this token again: Okta has refused it."""


@dataclass(frozen=True)
class _Request:
    operation: Operation
    target: str
    content: Content
    accept: str


class OktaClient:
    """Typed calls on one org, all with one token of exactly ``scopes``.

    Every method raises from the tree in `tenants.okta.errors`. What surely changed nothing is
    tried up to three times; a refused token is replaced once; waits of at most 10 s, for a rate
    limit or for our own budget, are slept out.
    """

    def __init__(
        self,
        http: OrgConnection,
        tokens: TokenSource,
        scopes: frozenset[str],
        *,
        budget: Budget | None = None,
        sleep: Callable[[float], None] = time.sleep,
        before_write: Callable[[], None] = lambda: None,
        between_pages: Callable[[], None] = lambda: None,
    ) -> None:
        """``before_write`` is called each time right before a write leaves; what it raises keeps
        the write from being sent. ``between_pages`` is called before a listing goes on."""
        self._http = http
        self._tokens = tokens
        self._scopes = scopes
        self._budget = budget or LocalBudget()
        self._sleep = sleep
        self._before_write = before_write
        self._between_pages = between_pages
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
        """What Okta answered, see `Outcome.value`; arguments and errors as in `exchange`."""
        return self.exchange(operation, path=path, query=query, body=body).value

    def exchange(
        self,
        operation: Operation,
        *,
        path: Mapping[str, str] = _NOTHING,
        query: Mapping[str, str] = _NOTHING,
        body: object | None = None,
        accept: str = "",
        reveal: bool = False,
    ) -> Outcome:
        """One call.

        Args:
            body: what becomes JSON, or a `Content` made in `tenants.okta.bodies`.
            accept: a media type of the answer, where Okta offers more than one.
            reveal: leave in the secret that the operation has just created.

        Raises:
            ScopeNotHeld: the operation needs a scope this client was not made with.
            ValueError: a path parameter is missing or no Okta id; a body or an ``accept`` that
                the operation does not have; ``reveal`` for one that creates no secret.
            OktaAmbiguous: a write that may have happened. Read before you repeat it.
        """
        self._require(operation)
        if reveal and not operation.creates_secret:
            raise ValueError(f"{operation.name} creates no secret")
        request = _Request(
            operation,
            operation.target(path, query),
            _content(operation, body),
            _accept(operation, accept),
        )
        return self._ask(request, lambda answer: bodies.outcome(answer, operation, reveal=reveal))

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

        When Okta refuses a cursor on the way, the walk starts over once; what was told already is
        not told again.

        Args:
            start: ``Page.next`` of an earlier walk, to go on there.

        Raises:
            OktaCursorError: Okta has forgotten ``start``, or a second cursor; begin without it.
            OktaProtocolError: also when the list has more than ``max_pages`` pages.
        """
        self._require(operation)
        listing = Listing(operation, self._http.host, path, query, start)
        return self._walk(operation, listing, max_pages)

    def _walk(self, operation: Operation, listing: Listing, max_pages: int) -> Iterator[Page]:
        target = listing.first
        for _ in range(max_pages):
            try:
                page = self._page(operation, listing, target)
            except OktaCursorError:
                if not listing.begin_again():
                    raise
                target = listing.first
                continue
            yield page
            if page.next is None:
                return
            target = page.next
            self._between_pages()
        raise OktaProtocolError(f"the listing has more than {max_pages} pages", retryable=False)

    def _page(self, operation: Operation, listing: Listing, target: str) -> Page:
        request = _Request(operation, target, bodies.NOTHING, bodies.accepted(operation))
        answer, items = self._ask(request, lambda answer: (answer, read_items(answer, operation)))
        with traceable(answer.headers):
            return listing.page(answer, items)

    def _require(self, operation: Operation) -> None:
        if not allows(self._scopes, operation):
            raise ScopeNotHeld(f"{operation.name} needs {operation.scope}")

    def _ask(self, request: _Request, read: Callable[[Answer], Read]) -> Read:
        """Send until ``read`` can make something of the answer, or patience is at its end."""
        patience = Patience()
        while True:
            token = self._tokens.token(self._scopes)
            self._await_turn(request.operation.bucket)
            try:
                return self._try(request, token, read)
            except OktaError as error:
                pause = patience.pause_after(error)
                if pause is None:
                    raise
                if isinstance(error, OktaAuthError):
                    self._tokens.discard(token)
            self._sleep(pause)

    def _await_turn(self, bucket: Bucket) -> None:
        slept_s = 0.0
        while wait_s := self._budget.ask(bucket):
            if slept_s + wait_s > LONGEST_SLEEP_S:
                raise OktaRateLimited("our share of the org's limit is used", retry_after=wait_s)
            self._sleep(wait_s)
            slept_s += wait_s

    def _try(self, request: _Request, token: AccessToken, read: Callable[[Answer], Read]) -> Read:
        try:
            answer = self._send(request, token)
            with traceable(answer.headers):
                if not answer.ok:
                    raise _refusal(answer, request, token)
                return read(answer)
        except OktaError as error:
            if _may_have_changed_something(request.operation, error):
                raise OktaAmbiguous.after(error) from error
            raise

    def _send(self, request: _Request, token: AccessToken) -> Answer:
        operation, answer = request.operation, None
        try:
            if not operation.is_read:
                self._before_write()
            self._calls += 1
            answer = self._http.send(
                operation.method,
                request.target,
                headers={
                    "authorization": f"Bearer {token.value}",
                    "accept": request.accept,
                    "content-type": request.content.media_type,
                },
                body=request.content.data,
                slow=not operation.is_read,
            )
        finally:
            self._budget.settle(operation.bucket, answer)
        return answer


def _content(operation: Operation, body: object | None) -> Content:
    """The body to send, which has to be of a kind that the operation has."""
    if body is None:
        return bodies.NOTHING
    content = body if isinstance(body, Content) else bodies.json_body(body)
    if content.kind not in operation.body:
        wanted = " or ".join(operation.body) or "no body"
        raise ValueError(f"{operation.name} takes {wanted}, not {content.kind}")
    return content


def _accept(operation: Operation, accept: str) -> str:
    if accept and accept not in operation.answers:
        raise ValueError(f"{operation.name} does not answer with {accept}")
    return accept or bodies.accepted(operation)


def _refusal(answer: Answer, request: _Request, token: AccessToken) -> OktaError:
    return api_refusal(
        answer,
        scope=request.operation.scope,
        paging=has_cursor(request.target),
        hide=token.value,
    )


def _may_have_changed_something(operation: Operation, error: OktaError) -> bool:
    """Whether nobody can tell if a write took place.

    Okta's own refusals, below 500, come before anything is done; so does its read-only mode. A
    gateway's 5xx, a broken or unreadable answer and a time-out may come after.
    """
    if operation.is_read or isinstance(error, OktaReadOnly):
        return False
    if error.status is None:
        return error.sent
    return error.status >= 500 or error.status == 408 or 200 <= error.status < 300
