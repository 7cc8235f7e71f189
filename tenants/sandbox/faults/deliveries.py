"""Faults in how the org's answer reaches the client: late, slowly, not all of it, or too much."""

import asyncio
from typing import Annotated, Literal

import msgspec

from tenants.sandbox.delivery import Message, Peer
from tenants.sandbox.faults.fault import RequestFault, Seconds, Size
from tenants.sandbox.requests import Request

_DRIPS_PER_S = 20
_PIECE = b" " * 64 * 1024

Part = Literal["headers", "body"]


class Delay(RequestFault, kw_only=True, tag="delay"):
    """The request is carried out at once and answered ``seconds`` later."""

    seconds: Seconds

    async def deliver(self, message: Message, peer: Peer, request: Request) -> bool:
        await asyncio.sleep(self.seconds)
        return await super().deliver(message, peer, request)


class Drip(RequestFault, kw_only=True, tag="drip"):
    """Headers or body arrive at a few bytes a second; what follows them comes at once."""

    bytes_per_s: Annotated[int, msgspec.Meta(ge=1)]
    part: Part = "body"

    async def deliver(self, message: Message, peer: Peer, request: Request) -> bool:
        if self.part == "headers":
            await self._drip(message.head, peer)
            await peer.write(message.body)
        else:
            await peer.write(message.head)
            await self._drip(message.body, peer)
        return True

    async def _drip(self, data: bytes, peer: Peer) -> None:
        size = max(1, self.bytes_per_s // _DRIPS_PER_S)
        for start in range(0, len(data), size):
            await asyncio.sleep(size / self.bytes_per_s)
            await peer.write(data[start : start + size])


class Truncate(RequestFault, tag="truncate"):
    """The connection ends ``after`` so many bytes of the headers or of the body."""

    after: Size = 0
    part: Part = "body"

    async def deliver(self, message: Message, peer: Peer, request: Request) -> bool:
        sent = self.after if self.part == "headers" else len(message.head) + self.after
        await peer.write((message.head + message.body)[:sent])
        return False


class WrongLength(RequestFault, kw_only=True, tag="wrong_length"):
    """``Content-Length`` is wrong ``by`` so many bytes, and the connection stays open.

    Promised too much, the client waits in vain; too little, and the rest of the body lies where it
    expects the next answer.
    """

    by: int

    async def deliver(self, message: Message, peer: Peer, request: Request) -> bool:
        length = max(0, len(message.body) + self.by)
        wrong = message.carrying(message.body, ("content-length", str(length)))
        await peer.write(wrong.head + wrong.body)
        await peer.await_leave()
        return False


class HugeBody(RequestFault, tag="huge_body"):
    """A body of ``size`` bytes, announced as such; without a size one that never ends."""

    size: Size | None = None

    async def deliver(self, message: Message, peer: Peer, request: Request) -> bool:
        framing = ("transfer-encoding", "chunked")
        if self.size is not None:
            framing = ("content-length", str(self.size))
        await peer.write(message.framed(framing).head)
        if self.size is None:
            await self._pour(peer)
        await self._send_sized(peer, self.size or 0)
        return True

    async def _pour(self, peer: Peer) -> None:
        """Until the client goes away, which ends in a ConnectionError."""
        chunk = b"%x\r\n%b\r\n" % (len(_PIECE), _PIECE)
        while True:
            await peer.write(chunk)
            await asyncio.sleep(0)  # others have a turn, too, however fast this client reads

    async def _send_sized(self, peer: Peer, size: int) -> None:
        for start in range(0, size, len(_PIECE)):
            await peer.write(_PIECE[: size - start])
            await asyncio.sleep(0)
