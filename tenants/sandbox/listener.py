"""A listening port on the loopback interface whose every connection can be ended.

``asyncio.start_server`` knows a TLS connection only after its handshake; one that comes while the
server stops would be left open. Here each has a task from the moment it is accepted.
"""

import asyncio
import socket
import ssl
from collections.abc import Coroutine
from typing import Any

from tenants.sandbox.handshakes import Handshakes
from tenants.sandbox.wire import Answer, Connection

LOOPBACK = "127.0.0.1"
_BACKLOG = 256
_PAUSE_S = 0.05


class Listener:
    """Serves ``answer`` on a port, over TLS where there is somebody for the handshakes."""

    def __init__(self, answer: Answer, handshakes: Handshakes | None = None) -> None:
        self._answer = answer
        self._handshakes = handshakes
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, port: int) -> int:
        """Listen and return the port; 0 lets the system choose one.

        Raises:
            OSError: the port is taken.
        """
        self._socket = socket.create_server((LOOPBACK, port), backlog=_BACKLOG)
        self._socket.setblocking(False)
        self._start(self._accept())
        chosen: int = self._socket.getsockname()[1]
        return chosen

    async def close(self) -> None:
        """End every connection, whatever it is doing."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._socket.close()
        await asyncio.sleep(0)  # an aborted connection is closed in the loop's next turn

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                accepted, _ = await loop.sock_accept(self._socket)
            except OSError:
                await asyncio.sleep(_PAUSE_S)  # too many are open; one that ends makes room
                continue
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._start(self._serve(accepted))

    async def _serve(self, accepted: socket.socket) -> None:
        context = await self._handshakes.choose(accepted) if self._handshakes else None
        if self._handshakes and context is None:
            return  # a fault has ended the connection
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(loop=loop)
        protocol = asyncio.StreamReaderProtocol(reader, loop=loop)
        try:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, accepted, ssl=context
            )
        except (ConnectionError, ssl.SSLError):
            return  # no handshake: a client that does not trust us, or no TLS at all
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        await Connection(reader, writer, self._answer, self._server_name(writer)).serve()

    def _server_name(self, writer: asyncio.StreamWriter) -> str | None:
        tls: ssl.SSLObject | None = writer.get_extra_info("ssl_object")
        return self._handshakes.server_name(tls) if self._handshakes else None
