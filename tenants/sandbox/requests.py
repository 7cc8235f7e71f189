"""What came in over the wire."""

from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import parse_qsl


@dataclass
class Request:
    """One HTTP request; header names are lower-case.

    Attributes:
        host: the Host header without a port, lower-case.
        server_name: the name in the TLS handshake, if the client sent one.
    """

    method: str
    host: str
    path: str
    raw_query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    server_name: str | None = None

    @property
    def authority(self) -> str:
        """The Host header as it came, with its port: what links in the answer must lead to."""
        return self.headers.get("host", self.host).lower()

    @cached_property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))


def media_type(header: str) -> str:
    """The kind alone, without charset, boundary or quality."""
    return header.partition(";")[0].strip().lower()
