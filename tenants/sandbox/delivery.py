"""An answer on its way out, for those that must not leave the usual way."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from tenants.sandbox.requests import Request

_READ_BYTES = 64 * 1024

_PHRASES = {int(status): status.phrase for status in HTTPStatus}

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Message:
    """A finished answer; nothing is added to its headers any more, and nothing is checked."""

    status: int
    headers: Headers
    body: bytes

    @property
    def head(self) -> bytes:
        """Status line and headers as bytes, whatever is in them."""
        lines = [f"HTTP/1.1 {self.status} {_PHRASES.get(self.status, '')}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")

    def carrying(self, body: bytes, *lines: tuple[str, str]) -> "Message":
        """The message with another body, its right length, and these lines over its own."""
        replaced = dict([("content-length", str(len(body))), *lines])
        kept = [line for line in self.headers if line[0] not in replaced]
        return Message(self.status, [*kept, *replaced.items()], body)

    def framed(self, line: tuple[str, str]) -> "Message":
        """The message with this line to say how long its body is."""
        kept = [line for line in self.headers if line[0] != "content-length"]
        return Message(self.status, [*kept, line], self.body)


class Peer:
    """The client's end of the connection, to be treated as no server should."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def await_leave(self) -> None:
        """Say nothing until the client goes away, whatever it still sends."""
        while await self._reader.read(_READ_BYTES):
            pass

    def reset(self) -> None:
        """Cut the connection with a TCP reset."""
        reset_on_close(self._writer.get_extra_info("socket"))
        self._writer.transport.abort()


#: Puts a message on the wire and says whether the connection goes on.
Delivery = Callable[[Message, Peer, Request], Awaitable[bool]]


def reset_on_close(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
