"""One call as the operator lives through it: a question, an answer, and notes beside it."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import TextIO

from django.core.management.base import OutputWrapper

from tenants.calls.making import MAX_WAITS, call_make, call_pages
from tenants.calls.orgs import ConnectedOrg
from tenants.calls.record import Reply
from tenants.calls.wanted import Call
from tenants.management.okta.arguments import login
from tenants.management.okta.asking import confirm
from tenants.management.okta.exits import Way
from tenants.management.okta.listing import Listed
from tenants.management.okta.output import Output
from tenants.management.okta.visible import visible
from tenants.okta.bodies import Outcome
from tenants.okta.errors import OktaError
from tenants.okta.operations import Paging
from tenants.okta.paging import Page


class Conversation:
    """``screen`` is standard error: it has everything that is not Okta's answer.

    The methods return how it went; errors as in `tenants.calls.making`.
    """

    def __init__(self, call: Call, org: ConnectedOrg, screen: OutputWrapper) -> None:
        self._call = call
        self._org = org
        self._screen = screen

    def confirm(self, keyboard: TextIO | None) -> None:
        """Raises NotConfirmed; reads need no leave."""
        if not self._call.operation.is_read:
            confirm(self._call, self._org, keyboard, self._screen)

    def answer(self, output: Output, *, every_page: bool) -> Way:
        if self._call.operation.paging == Paging.NONE:
            return self._ask(output)
        return self._walk(output, every_page)

    def note(self, text: str) -> None:
        self._screen.write(visible(text), style_func=str)

    def _ask(self, output: Output) -> Way:
        reply = self._made()
        self._tell(_particulars(reply.outcome))
        if self._call.reveal:
            self.note("What follows holds a secret. Okta shows it only this once.")
        if reply.outcome.value is not None:
            output.put(reply.outcome.value)
        if reply.on_record:
            return Way.DONE
        self.note("The change is made, but its outcome could not be put on the record.")
        return Way.OURS

    def _made(self) -> Reply:
        try:
            return call_make(self._call, self._org, login=login())
        except KeyboardInterrupt:
            if not self._call.operation.is_read:
                self.note("The change may have been made: look before you repeat it.")
            raise

    def _walk(self, output: Output, every_page: bool) -> Way:
        pages = call_pages(
            self._call,
            self._org,
            login=login(),
            on_wait=self._tell_wait,
            max_waits=MAX_WAITS if every_page else 0,
        )
        with closing(pages):
            wanted = self._shown(pages, output) if every_page else islice(pages, 1)
            listed = Listed(wanted, self.note)
            try:
                output.put_all(listed)
            except (OktaError, KeyboardInterrupt):
                self._tell_cut(listed.count)
                raise
        self._tell(_counted(listed.count))
        if listed.more:
            self.note("There are more pages: add --all.")
        return Way.UNREADABLE if listed.lost else Way.DONE

    def _shown(self, pages: Iterator[Page], output: Output) -> Iterator[Page]:
        """The pages, with progress on a terminal that shows nothing else meanwhile."""
        visible = self._screen.isatty() and not output.at_terminal
        count = 0
        for page in pages:
            count += len(page.items)
            if visible:
                self._screen.write(f"\r{count} items ", style_func=str, ending="")
                self._screen.flush()
            yield page
        if visible:
            self._screen.write("\r", style_func=str, ending="")

    def _tell(self, what: str) -> None:
        self.note(
            f"{self._call.operation.method} https://{self._org.host}{self._call.target}: {what}"
        )

    def _tell_cut(self, count: int) -> None:
        if count:
            self.note(f"Cut off after {_counted(count)}: this is not the whole list.")

    def _tell_wait(self, seconds: float) -> None:
        self.note(f"The org's rate limit: going on in {seconds:.0f} s.")


def _counted(count: int) -> str:
    return f"{count} item{'' if count == 1 else 's'}"


def _particulars(outcome: Outcome) -> str:
    told = [str(outcome.status)]
    told += ["without a body"] if outcome.value is None else []
    told += [f"now at {outcome.location}"] if outcome.location else []
    told += [f"request ID {outcome.request_id}"] if outcome.request_id else []
    return ", ".join(told)
