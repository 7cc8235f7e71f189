"""HTTP/1.1 over asyncio streams: requests in, replies out, connections kept alive."""

import asyncio
import secrets
import ssl
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from email.utils import formatdate
from http import HTTPStatus

import h11

from tenants.sandbox.delivery import Message, Peer
from tenants.sandbox.replies import Reply
from tenants.sandbox.requests import Request

#: Stays open until the reply is sent.
Answer = Callable[[Request], AbstractAsyncContextManager[Reply]]

# A logo of the largest size Okta takes, 1 MB, must reach its handler, and one above it, too.
MAX_BODY_BYTES = 2 * 1024 * 1024
_READ_BYTES = 64 * 1024
# Four pages of 200 apps fit, so a page is written without waiting for the client in between.
WRITE_BUFFER_BYTES = 2 * 1024 * 1024


class _BodyTooLarge(Exception):
    pass


class Connection:
    """One client. ``server_name`` is what it asked for in the TLS handshake."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answer: Answer,
        server_name: str | None,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._answer = answer
        self._server_name = server_name
        self._h11 = h11.Connection(h11.SERVER)

    async def serve(self) -> None:
        """Answer requests until either side ends the connection."""
        self._writer.transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        try:
            await self._converse()
            self._writer.close()
            await self._writer.wait_closed()
        except (ConnectionError, ssl.SSLError):
            pass  # the client went away, which it may do at any time
        finally:
            self._writer.transport.abort()

    async def _converse(self) -> None:
        try:
            while request := await self._read_request():
                async with self._answer(request) as reply:
                    goes_on = await self._reply(reply, request)
                if not goes_on or self._h11.our_state is h11.MUST_CLOSE:
                    break
                self._h11.start_next_cycle()
        except h11.RemoteProtocolError:
            await self._refuse(400)
        except _BodyTooLarge:
            await self._refuse(413)

    async def _read_request(self) -> Request | None:
        event = await self._next_event()
        if not isinstance(event, h11.Request):
            return None
        body = bytearray()
        while isinstance(data := await self._next_event(), h11.Data):
            body += data.data
            if len(body) > MAX_BODY_BYTES:
                raise _BodyTooLarge
        return self._build_request(event, bytes(body))

    async def _next_event(self) -> object:
        while True:
            event = self._h11.next_event()
            if event is not h11.NEED_DATA:
                return event
            if self._h11.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=100, headers=[])
                self._writer.write(self._h11.send(go_on) or b"")
            self._h11.receive_data(await self._reader.read(_READ_BYTES))

    def _build_request(self, event: h11.Request, body: bytes) -> Request:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
        path, _, query = event.target.decode("latin-1").partition("?")
        return Request(
            method=event.method.decode(),
            host=headers.get("host", "").partition(":")[0].lower(),
            path=path,
            raw_query=query,
            headers=headers,
            body=body,
            server_name=self._server_name,
        )

    async def _reply(self, reply: Reply, request: Request) -> bool:
        """Send a reply; says whether the connection goes on."""
        message = _finish(reply, head=request.method == "HEAD")
        if reply.delivery is None:
            await self._send(message)
            return True
        goes_on = await reply.delivery(message, Peer(self._reader, self._writer), request)
        if goes_on:
            self._pretend_to_answer()
        return goes_on

    async def _send(self, message: Message) -> None:
        parts = [
            self._h11.send(h11.Response(status_code=message.status, headers=message.headers)),
            self._h11.send(h11.Data(data=message.body)),
            self._h11.send(h11.EndOfMessage()),
        ]
        self._writer.writelines([part for part in parts if part])
        await self._writer.drain()

    def _pretend_to_answer(self) -> None:
        """Tell h11 of an answer that went past it, for the sake of the next one."""
        headers = [("content-length", "0")]
        self._h11.send(h11.Response(status_code=200, headers=headers))
        self._h11.send(h11.EndOfMessage())

    async def _refuse(self, status: int) -> None:
        """Answer what cannot be read, if a response may still be sent."""
        if self._h11.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            reply = Reply(status, headers=[("connection", "close")], traced=False)
            await self._send(_finish(reply))


def _finish(reply: Reply, *, head: bool = False) -> Message:
    """The reply with the headers that every answer has."""
    headers = [*reply.headers, ("date", formatdate(usegmt=True))]
    if reply.traced:
        headers.append(("x-okta-request-id", secrets.token_hex(16)))
    if reply.status != HTTPStatus.NO_CONTENT:
        headers.append(("content-length", str(len(reply.body))))
    return Message(reply.status, headers, b"" if head else reply.body)
