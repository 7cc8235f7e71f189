"""How the sandbox meets a TLS connection: with its own certificate, or as a fault says."""

import socket
import ssl

from tenants.sandbox.faults import FaultScript
from tenants.sandbox.faults.tls import peek_server_name
from tenants.sandbox.tls import Certificates


class Handshakes:
    def __init__(self, certificates: Certificates, faults: FaultScript) -> None:
        self._certificates = certificates
        self._faults = faults

    async def choose(self, accepted: socket.socket) -> ssl.SSLContext | None:
        """What to serve this connection with; None, and it is closed, where a fault ends it."""
        if not self._faults.for_handshakes:
            return self._certificates.context
        context = None
        try:
            context = await self._meet(accepted)
        except (ConnectionError, ValueError):
            pass  # the client went away, or asks for a name that no certificate can have
        finally:
            if context is None:
                accepted.close()
        return context

    def server_name(self, connection: ssl.SSLObject | None) -> str | None:
        return self._certificates.server_name(connection) if connection else None

    async def _meet(self, accepted: socket.socket) -> ssl.SSLContext | None:
        host = await peek_server_name(accepted)
        fault = self._faults.take_handshake(host)
        if fault is None:
            return self._certificates.context
        return await fault.meet(accepted, host, self._certificates)
