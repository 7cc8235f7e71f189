"""Sync: read every listing of an org, page by page, into the mirror."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

from django.conf import settings

from tenants.choices import Completeness, EventLevel, RunKind, RunState
from tenants.connections.credentials import active_of, refuse_if_replaced
from tenants.connections.promotion import retired_revoke
from tenants.connections.trouble import connection_failed, connection_worked
from tenants.inventory.coverage import ever_complete, keep_coverage
from tenants.inventory.kinds import KINDS
from tenants.inventory.mirror import PagePlan, known_count, missing_from, plan_page, remove
from tenants.inventory.progress import Listing, Progress
from tenants.models import ListingPage, Resource
from tenants.okta.answers import BadJson
from tenants.okta.client import OktaClient
from tenants.okta.errors import (
    OktaAuthError,
    OktaCursorError,
    OktaError,
    OktaForbidden,
    OktaNotFound,
    OktaNotLicensed,
    OktaRequestError,
    OktaScopeError,
)
from tenants.okta.operations import Operation
from tenants.okta.paging import MAX_PAGES, Page
from tenants.runs.context import RunContext
from tenants.runs.handlers import Conclusion, Handler, Step
from tenants.runs.queue import run_follow

#: Refusals of one listing; the others may still be read.
_LOCAL = (OktaScopeError, OktaForbidden, OktaNotLicensed, OktaRequestError)
#: A listing shorter than this may shrink as it likes.
SHRINK_FLOOR = 10
#: So many odd items of a page are told of one by one.
SAID_ODD = 3


class SyncHandler(Handler):
    kind: ClassVar[RunKind] = RunKind.SYNC
    operations: ClassVar[tuple[Operation, ...]] = tuple(kind.operation for kind in KINDS.values())

    def steps(self, context: RunContext) -> Iterator[Step]:
        credential = active_of(context.tenant)
        sync = _Sync(context, context.client(credential, self.scopes), credential.version)
        try:
            while (listing := sync.progress.current()) is not None:
                yield from sync.read(listing)
        except OktaAuthError:
            refuse_if_replaced(credential)
            raise

    def conclude(self, context: RunContext) -> Conclusion:
        progress = Progress(context.checkpoint)
        kinds = progress.kinds
        keep_coverage(context.run, kinds)
        retired_revoke(context.tenant, worked=progress.worked)
        run_follow(tenant=context.tenant, kind=RunKind.AUDIT)
        code = _trouble(kinds)
        connection_worked(context.run, lacking=code)
        return _conclusion(code, kinds)

    def refused(self, context: RunContext, code: str) -> None:
        progress = Progress(context.checkpoint)
        progress.abandon(code)
        context.run.outcome = {"kinds": progress.kinds}
        connection_failed(context.run, code)


class _Sync:
    """The sync as far as it has come."""

    def __init__(self, context: RunContext, client: OktaClient, version: int) -> None:
        self.context = context
        self.client = client
        self.version = version
        self.progress = Progress(context.checkpoint)
        self.complete_before = ever_complete(context.tenant)

    def read(self, listing: Listing) -> Iterator[Step]:
        """The steps of one listing; what refuses only this listing ends only this listing."""
        try:
            yield from self._pages(listing)
        except OktaNotFound as exc:
            yield self._vanished(listing) if listing.parent else self._fail(listing, exc)
        except OktaCursorError as exc:
            yield self._fail(listing, exc) if listing.restarted else self._start_again(listing)
        except _LOCAL as exc:
            yield self._fail(listing, exc)

    def _pages(self, listing: Listing) -> Iterator[Step]:
        pages = self.client.pages(
            listing.kind.operation,
            path=listing.kind.path(listing.parent),
            query=listing.kind.query,
            start=listing.next,
        )
        for page in pages:
            yield self._page(listing, page)

    def _page(self, listing: Listing, page: Page) -> Step:
        if page.next is not None and self.progress.pages >= MAX_PAGES:
            raise OktaRequestError(f"The listing has more than {MAX_PAGES} pages.")
        kind, parent = listing.kind, listing.parent
        baseline = kind.name not in self.complete_before
        bodies, odd = _parsed(page)
        plan = plan_page(self.context.run, kind, parent, bodies, baseline=baseline)
        ids = [item.okta_id for item in page.items]
        self.progress.count(kind, read=len(bodies), odd=len(odd), **plan.counts())
        self.progress.add_children(kind, parent, ids)
        self.progress.note_worked(self.version)
        if page.odd:
            self.progress.note_unnamed()
        self._say_odd(listing, odd)
        if page.next is not None:
            self.progress.go_on(page.next)
            return self._step(listing, partial(self._keep_page, listing, plan, ids))
        return self._last_page(listing, plan, ids)

    def _say_odd(self, listing: Listing, odd: list[str]) -> None:
        if not odd:
            return
        more = len(odd) - SAID_ODD
        told = "; ".join(odd[:SAID_ODD]) + (f"; and {more} more" if more > 0 else "")
        self.context.say(f"{self._named(listing)}: left out {told}.", EventLevel.WARNING)

    def _keep_page(self, listing: Listing, plan: PagePlan, ids: list[str]) -> None:
        plan.write()
        ListingPage.objects.create(
            run=self.context.run, kind=listing.kind.name, parent=listing.parent, okta_ids=ids
        )

    def _last_page(self, listing: Listing, plan: PagePlan, ids: list[str]) -> Step:
        gone = self._gone(listing, self._seen(listing) | set(ids))
        if self._is_suspicious(listing, gone):
            self.progress.hold(listing, [row.okta_id for row in gone])
            self.context.say(
                f"{self._named(listing)}: {len(gone)} are missing. Nothing is removed until an "
                "operator accepts it.",
                EventLevel.WARNING,
            )
            gone = []
        self.progress.count(listing.kind, removed=len(gone))
        return self._finished(listing, partial(self._close, listing, plan, gone))

    def _gone(self, listing: Listing, seen: set[str]) -> list[Resource]:
        """What the listing does not show any more; what has no usable id may be any of it."""
        if self.progress.has_unnamed:
            return []
        return missing_from(self.context.run, listing.kind, listing.parent, seen)

    def _close(self, listing: Listing, plan: PagePlan, gone: list[Resource]) -> None:
        plan.write()
        remove(self.context.run, listing.kind, gone)

    def _seen(self, listing: Listing) -> set[str]:
        if not self.progress.pages:  # no page came before the one in hand
            return set()
        pages = ListingPage.objects.filter(
            run=self.context.run, kind=listing.kind.name, parent=listing.parent
        )
        return {okta_id for ids in pages.values_list("okta_ids", flat=True) for okta_id in ids}

    def _is_suspicious(self, listing: Listing, gone: list[Resource]) -> bool:
        """A narrowed admin role answers 200 with a shorter list, just as real deletions do."""
        if len(gone) < SHRINK_FLOOR or self.context.run.params.get("accept_removals"):
            return False
        known = known_count(self.context.run, listing.kind, listing.parent)
        return len(gone) > settings.SHRINK_LIMIT * known

    def _vanished(self, listing: Listing) -> Step:
        self.context.say(f"{self._named(listing)}: removed in Okta meanwhile, left out.")
        return self._finished(listing)

    def _start_again(self, listing: Listing) -> Step:
        self.context.say(f"{self._named(listing)}: Okta forgot the page, starting again.")
        self.progress.start_again()
        return self._step(listing)

    def _fail(self, listing: Listing, error: OktaError) -> Step:
        self.context.say(f"{self._named(listing)}: {error}", EventLevel.WARNING)
        self.progress.fail(listing, error)
        return self._finished(listing)

    def _finished(self, listing: Listing, write: Callable[[], None] | None = None) -> Step:
        self.progress.finish()
        return self._step(listing, write)

    def _step(self, listing: Listing, write: Callable[[], None] | None = None) -> Step:
        progress = self.progress
        self.context.checkpoint = progress.checkpoint
        read = progress.kinds[listing.kind.name]["read"]
        activity = f"{listing.kind.plural}: {read} read"
        return Step(progress.checkpoint, write, progress.done_count, progress.total_count, activity)

    def _named(self, listing: Listing) -> str:
        return (
            f"{listing.kind.plural} of {listing.parent}"
            if listing.parent
            else (listing.kind.plural)
        )


def _parsed(page: Page) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The bodies of a page by id, and what cannot be mirrored, with the reason."""
    bodies: dict[str, dict[str, Any]] = {}
    odd = [str(each) for each in page.odd]
    for item in page.items:
        try:
            bodies[item.okta_id] = item.body()
        except BadJson as exc:
            odd.append(f"{item.okta_id}: {exc}")
    return bodies, odd


def _trouble(kinds: dict[str, dict[str, Any]]) -> str:
    """The code of what kept the sync from being complete; "" when nothing did."""
    wanting = (Completeness.PARTIAL, Completeness.FAILED)
    codes = {told["reason_code"] for told in kinds.values() if told["completeness"] in wanting}
    return codes.pop() if len(codes) == 1 else "incomplete" if codes else ""


def _conclusion(code: str, kinds: dict[str, dict[str, Any]]) -> Conclusion:
    outcome = {"kinds": kinds}
    if not code:
        return Conclusion(outcome=outcome)
    reasons = {told["reason"] for told in kinds.values() if told["reason"]}
    return Conclusion(RunState.FAILED, code, " ".join(sorted(reasons)), outcome)
