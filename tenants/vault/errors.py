"""What can go wrong with a sealed value, and whether trying again may help.

VaultError
 ├─ SealError         the text cannot be trusted; trying again changes nothing
 ├─ SealUnavailable   the key service did not answer; the text may be fine, try again later
 └─ KeyringError      the key material cannot be used; the message is for whoever installs us
"""

from typing import ClassVar, Literal

SealReason = Literal["malformed", "unknown key id", "authentication failed"]


class VaultError(Exception):
    """Carries a stable ``code`` for rows and alerts, and never any part of a secret or a key."""

    code: ClassVar[str]
    retryable: ClassVar[bool] = False


class SealError(VaultError):
    """A sealed value that does not open. It says why in three words and nothing of the value."""

    code = "seal_broken"

    def __init__(self, reason: SealReason) -> None:
        super().__init__(reason)
        self.reason = reason


class SealUnavailable(VaultError):
    """Raised by key providers that live across a network."""

    code = "seal_unavailable"
    retryable = True


class KeyringError(VaultError):
    """A key file or key text we refuse. The message is one sentence with its remedy."""

    code = "keyring_refused"
