"""A string that may travel through the program without being seen."""

import hmac
from typing import NoReturn, final

MASK = "***"


@final
class Secret:
    """Keeps a customer's secret out of logs, tracebacks, pickles and JSON.

    Printed it is a mask: a refusal there would break the log line or the traceback that tells of
    another error. Everything that would carry it off (pickle, JSON, a copy) is refused.

    ``expose()`` is the only way in. A guard test keeps that call to where it is sealed and where it
    is sent to Okta.
    """

    __slots__ = ("_value",)
    # A hash would let anybody who sees it test guesses.
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, value: str) -> None:
        self._value = value

    def expose(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __eq__(self, other: object) -> bool:
        """Compare in constant time; a plain string on the other side is a mistake (TypeError)."""
        if isinstance(other, str | bytes):
            raise TypeError("a Secret is compared with another Secret only")
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_bytes(self), _bytes(other))

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Secret is neither pickled nor copied")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a Secret is neither pickled nor copied")


def _bytes(secret: Secret) -> bytes:
    return secret.expose().encode("utf-8", "surrogatepass")
