"""Faults in the TLS handshake, before there is any request."""

import asyncio
import socket
import ssl
from contextlib import suppress
from typing import Literal

from tenants.sandbox.delivery import reset_on_close
from tenants.sandbox.faults.fault import Fault
from tenants.sandbox.tls import Certificates, Flaw

Kind = Literal[Flaw, "refuse", "old_version", "garbage", "close", "reset", "silence"]

_HELLO_BYTES = 16 * 1024
_POLL_S = 0.005

#: What a server says instead of its hello: a fatal alert, or no TLS at all.
_REFUSALS: dict[str, bytes] = {
    "refuse": b"\x15\x03\x03\x00\x02\x02\x28",  # handshake_failure
    "old_version": b"\x15\x03\x02\x00\x02\x02\x46",  # protocol_version: TLS 1.1 and no newer
    "garbage": b"220 mail.example ESMTP ready\r\n",
}


class Tls(Fault, kw_only=True, tag="tls"):
    """Meets connections by the name in their handshake.

    ``expired``, ``wrong_name`` and ``unknown_authority`` serve such a certificate; the others end
    the handshake, or (``silence``) never go on with it.
    """

    kind: Kind

    async def meet(
        self, accepted: socket.socket, host: str, certificates: Certificates
    ) -> ssl.SSLContext | None:
        """What to go on with; None where the connection ends here."""
        if self.kind in ("expired", "wrong_name", "unknown_authority"):
            return certificates.flawed(self.kind, host)
        await self._end(accepted)
        return None

    async def _end(self, accepted: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        # Read first, whatever follows: closing with bytes unread would send a reset.
        while await loop.sock_recv(accepted, _HELLO_BYTES) and self.kind == "silence":
            pass
        await loop.sock_sendall(accepted, _REFUSALS.get(self.kind, b""))
        if self.kind == "reset":
            reset_on_close(accepted)
        accepted.close()


async def peek_server_name(accepted: socket.socket) -> str:
    """The name in the client's hello, which stays unread; empty where there is none."""
    while True:
        try:
            return _read_server_name(accepted.recv(_HELLO_BYTES, socket.MSG_PEEK))
        except BlockingIOError:
            await asyncio.sleep(_POLL_S)


def _read_server_name(hello: bytes) -> str:
    """Let OpenSSL begin a handshake that leads nowhere, and tell what it was asked for."""
    names: list[str] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda _, name, __: names.append(name or "")
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    incoming.write(hello)
    # It has no certificate, and the hello may be no hello.
    with suppress(ssl.SSLError):
        context.wrap_bio(incoming, outgoing, server_side=True).do_handshake()
    return names[0].lower() if names else ""
