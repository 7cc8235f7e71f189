"""A throw-away certificate authority, and a certificate for whatever host is asked for."""

import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from weakref import WeakKeyDictionary

try:
    import trustme
except ModuleNotFoundError:
    # Production does not install it; whoever types the command there deserves a sentence.
    sys.exit("The sandbox is for development: `make demo` once installs what it needs (trustme).")

Flaw = Literal["expired", "wrong_name", "unknown_authority"]


class Certificates:
    """Makes certificates as connections need them; the keys never leave this process's memory."""

    def __init__(self, directory: Path) -> None:
        self._ca = trustme.CA()
        self.ca_file = directory / "ca.pem"
        self._ca.cert_pem.write_to_path(str(self.ca_file))
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._names: WeakKeyDictionary[ssl.SSLObject, str] = WeakKeyDictionary()
        self.context = self._context("localhost")
        self.context.sni_callback = self._choose

    def server_name(self, connection: ssl.SSLObject) -> str | None:
        """The host name the client put into the handshake."""
        return self._names.get(connection)

    def flawed(self, flaw: Flaw, host: str) -> ssl.SSLContext:
        """A context for ``host`` whose certificate no client should accept."""
        authority = trustme.CA() if flaw == "unknown_authority" else self._ca
        name = "elsewhere.example" if flaw == "wrong_name" else host or "localhost"
        ends = datetime.now(UTC) - timedelta(days=1) if flaw == "expired" else None
        return _serving(authority.issue_cert(name, not_after=ends))

    def _choose(
        self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext
    ) -> ssl.AlertDescription | None:
        if name:
            self._names[connection] = name.lower()
            try:
                connection.context = self._context(name.lower())
            except ValueError:  # a name that no certificate can have
                return ssl.AlertDescription.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        return None

    def _context(self, host: str) -> ssl.SSLContext:
        # As Okta does, one wildcard serves all orgs of a suffix, so a name without an org
        # passes the handshake too and is refused by HTTP.
        _, _, suffix = host.partition(".")
        identity = f"*.{suffix}" if "." in suffix else host
        if identity not in self._contexts:
            self._contexts[identity] = _serving(self._ca.issue_cert(identity))
        return self._contexts[identity]


def _serving(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    certificate.configure_cert(context)
    return context
