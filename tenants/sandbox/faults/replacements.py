"""Faults that take the answer's place."""

from hashlib import shake_256
from typing import Annotated, Any

import msgspec

from tenants.sandbox.delivery import Headers, Message, Peer
from tenants.sandbox.faults.fault import Replacement, Size
from tenants.sandbox.replies import HTML, Reply, html_page, json_reply, okta_error
from tenants.sandbox.requests import Request

#: Everything a status line can carry except 1xx, which would be no final answer.
_Status = Annotated[int, msgspec.Meta(ge=200, le=999)]


class Status(Replacement, kw_only=True, tag="status"):
    """Another answer: Okta's error for a ``code``, a JSON ``body``, or else a gateway's page."""

    status: _Status
    code: str = ""
    summary: str = "Scripted by a fault"
    body: Any = None
    headers: Headers = msgspec.field(default_factory=list)

    def answer(self) -> Reply:
        reply = self._content()
        reply.headers.extend(self.headers)
        return reply

    def _content(self) -> Reply:
        if self.code:
            return okta_error(self.status, self.code, self.summary).reply
        if self.body is not None:
            return json_reply(self.body, self.status)
        page = html_page("Gateway error", "The server gave no answer.")
        return Reply(self.status, page, [HTML], traced=False)


class Redirect(Replacement, kw_only=True, tag="redirect"):
    """Send the client elsewhere."""

    location: str
    status: Annotated[int, msgspec.Meta(ge=300, le=399)] = 302

    def answer(self) -> Reply:
        return Reply(self.status, b"", [("location", self.location)])


class Garbage(Replacement, tag="garbage"):
    """Bytes that are no HTTP, always the same; or exactly these, as Latin-1. Then the end."""

    size: Size = 200
    text: str = ""

    async def deliver(self, message: Message, peer: Peer, request: Request) -> bool:
        noise = shake_256(b"garbage").digest(self.size)
        await peer.write(self.text.encode("latin-1", "replace") or noise)
        return False


class Close(Replacement, tag="close"):
    """End the connection in order, without an answer."""

    async def deliver(self, message: Message, peer: Peer, request: Request) -> bool:
        return False


class Reset(Replacement, tag="reset"):
    """End the connection with a TCP reset, without an answer."""

    async def deliver(self, message: Message, peer: Peer, request: Request) -> bool:
        peer.reset()
        return False


class Silence(Replacement, tag="silence"):
    """Never answer, for as long as the client stays."""

    async def deliver(self, message: Message, peer: Peer, request: Request) -> bool:
        await peer.await_leave()
        return False
