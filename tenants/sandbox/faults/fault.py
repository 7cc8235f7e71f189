"""What all faults have in common: which requests they meet."""

from typing import Annotated, ClassVar

import msgspec

from tenants.okta.operations import OPERATIONS
from tenants.sandbox.delivery import Message, Peer
from tenants.sandbox.replies import Reply
from tenants.sandbox.requests import Request

Count = Annotated[int, msgspec.Meta(ge=1)]
Size = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=86_400)]


class Fault(
    msgspec.Struct,
    kw_only=True,
    omit_defaults=True,
    repr_omit_defaults=True,
    forbid_unknown_fields=True,
    tag_field="action",
):
    """Conditions on a host, and which of the matching ones to meet; all must hold.

    Attributes:
        host: a glob, of the Host header or of the name in the TLS handshake.
        nth: only this one of those that match, counted from 1.
        every: only each n-th one of those that match.
        share: only this share of them, drawn with ``seed``, so the same ones every time.
        times: after so many hits the fault is spent.
    """

    host: str = "*"
    nth: Count | None = None
    every: Count | None = None
    share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    seed: int = 0
    times: Count | None = None


class RequestFault(Fault):
    """Conditions on a request.

    By default the org answers as ever and the fault harms the answer on its way out.

    Attributes:
        path: a glob of the path without its query.
        operation: a name of the catalogue.
    """

    replaces: ClassVar[bool] = False

    method: str = ""
    path: str = "*"
    operation: str = ""

    def __post_init__(self) -> None:
        if self.operation and self.operation not in OPERATIONS:
            raise ValueError(f"the catalogue has no operation {self.operation!r}")

    def edit(self, message: Message, request: Request) -> Message:
        """The message as it shall be sent."""
        return message

    async def deliver(self, message: Message, peer: Peer, request: Request) -> bool:
        """Send the message in the fault's own way; says whether the connection goes on."""
        edited = self.edit(message, request)
        await peer.write(edited.head + edited.body)
        return True


class Replacement(RequestFault):
    """A fault that takes the answer's place, so that normally nothing is carried out.

    Attributes:
        applies: carry out the request all the same and hide its answer.
    """

    replaces: ClassVar[bool] = True

    applies: bool = False

    def answer(self) -> Reply:
        """What to answer with, where it is an answer at all."""
        return Reply(204)
