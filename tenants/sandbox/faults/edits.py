"""Faults that send the org's answer with something in it changed."""

import zlib
from functools import lru_cache
from typing import Annotated, Literal

import msgspec

from tenants.sandbox.delivery import Headers, Message
from tenants.sandbox.faults.fault import RequestFault
from tenants.sandbox.replies import HTML, html_page
from tenants.sandbox.requests import Request

_DEEP = 100_000
_PIECE = b" " * 1024 * 1024

OddBody = Literal["empty", "null", "duplicate_keys", "deep", "nan", "bom", "bad_utf8"]


class HeaderEdit(RequestFault, tag="headers"):
    """Change header lines: ``remove``, then ``set``, then ``add``; ``duplicate`` comes last."""

    remove: list[str] = msgspec.field(default_factory=list)
    set: dict[str, str] = msgspec.field(default_factory=dict)
    add: Headers = msgspec.field(default_factory=list)
    duplicate: list[str] = msgspec.field(default_factory=list)

    def edit(self, message: Message, request: Request) -> Message:
        gone = {name.lower() for name in (*self.remove, *self.set)}
        lines = [line for line in message.headers if line[0].lower() not in gone]
        lines += [*self.set.items(), *self.add]
        twice = {name.lower() for name in self.duplicate}
        again = [line for line in lines if line[0].lower() in twice]
        return Message(message.status, lines + again, message.body)


class WrongType(RequestFault, tag="wrong_type"):
    """Call the answer another type; without ``keep_body`` it becomes a sign-in page, too."""

    content_type: str = HTML[1]
    keep_body: bool = False

    def edit(self, message: Message, request: Request) -> Message:
        body = message.body if self.keep_body else html_page("Sign in", "Enter your user name.")
        return message.carrying(body, ("content-type", self.content_type))


class Body(RequestFault, tag="body"):
    """Another body under the same status: one of the odd ones, or any ``text``.

    The odd one is wrapped in a list where a list would have been answered.
    """

    kind: OddBody | None = None
    text: str = ""

    def edit(self, message: Message, request: Request) -> Message:
        if self.kind is None:
            return message.carrying(self.text.encode())
        return message.carrying(_odd_body(self.kind, message.body))


class GzipBomb(RequestFault, tag="gzip_bomb"):
    """A body that is small on the wire and ``size`` bytes of valid JSON once unfolded.

    Sent whatever encodings the client takes, unless ``if_accepted``.
    """

    size: Annotated[int, msgspec.Meta(ge=2, le=2**30)] = 100 * 2**20
    if_accepted: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        _fold(self.size)  # takes a while, during which no answer should have to wait

    def edit(self, message: Message, request: Request) -> Message:
        if self.if_accepted and "gzip" not in request.headers.get("accept-encoding", ""):
            return message
        return message.carrying(_fold(self.size), ("content-encoding", "gzip"))


def _odd_body(kind: OddBody, real: bytes) -> bytes:
    bodies: dict[OddBody, bytes] = {
        "empty": b"",
        "null": b"null",
        "deep": b"[" * _DEEP + b"]" * _DEEP,
        "bom": b"\xef\xbb\xbf" + real,
        "duplicate_keys": b'{"id":"0oaFirst","status":"ACTIVE","id":"0oaSecond"}',
        "nan": b'{"id":"0oaNumber","size":NaN,"share":-Infinity}',
        "bad_utf8": b'{"id":"0oaText","label":"\xff\xfe\xc3"}',
    }
    body = bodies[kind]
    return b"[" + body + b"]" if body[:1] == b"{" and real[:1] == b"[" else body


@lru_cache(maxsize=4)
def _fold(size: int) -> bytes:
    """``[``, spaces and ``]``, as gzip."""
    folder = zlib.compressobj(wbits=31)
    full, rest = divmod(size - 2, len(_PIECE))
    pieces = [b"[", *[_PIECE] * full, _PIECE[:rest], b"]"]
    return b"".join([*map(folder.compress, pieces), folder.flush()])
