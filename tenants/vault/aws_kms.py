"""A key in AWS KMS. boto3 is asked for only where such a key is in the ring.

Who may use it, and from where, is told to boto3 in its own ways: a role of the machine, a profile,
``AWS_...`` variables. Which key it is says the ring, never a sealed text.
"""

import re
from collections.abc import Mapping
from typing import Any, Self

from tenants.vault.errors import KeyringError, SealError, SealUnavailable
from tenants.vault.framing import place_of
from tenants.vault.keys import KEY_BYTES

KIND = "aws-kms"
CONNECT_S, READ_S = 3, 5
#: KMS takes no longer ciphertexts.
MAX_BYTES = 6144

#: Data keys travel there: in the clear on this machine alone.
_ENDPOINT = re.compile(r"https://.+|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?/?")
_ODD = "AWS KMS: an answer that does not parse"
#: What KMS answers to a text that is not this key's, or not of this place.
_BROKEN = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})


class AwsKmsKey:
    """KMS authenticates tenant, field and row, and writes them to CloudTrail with every use."""

    opens = True
    public = ""

    def __init__(self, arn: str, region: str = "", endpoint: str = "") -> None:
        """Raises KeyringError: something here cannot be used."""
        if endpoint and not _ENDPOINT.fullmatch(endpoint):
            raise KeyringError("The endpoint of an aws-kms key must be https://host.")
        self._arn = arn
        self._kms = _client(region, endpoint)

    @classmethod
    def from_spec(cls, spec: Mapping[str, str]) -> Self:
        """``{"arn": ..., "region": ..., "endpoint": ...}``; all but the first may be left out."""
        if not {"arn"} <= spec.keys() <= {"arn", "region", "endpoint"}:
            raise KeyringError("An aws-kms key has an arn, and may have a region and an endpoint.")
        return cls(**spec)

    def wrap(self, dek: bytes, aad: bytes) -> bytes:
        return self._asked("encrypt", "CiphertextBlob", aad, Plaintext=dek)

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        if not 0 < len(wrapped) <= MAX_BYTES:
            raise SealError("malformed")
        dek = self._asked("decrypt", "Plaintext", aad, CiphertextBlob=wrapped)
        if len(dek) != KEY_BYTES:
            raise SealUnavailable(_ODD)
        return dek

    def _asked(self, act: str, wanted: str, aad: bytes, **what: bytes) -> bytes:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - optional
        from botocore.parsers import ResponseParserError  # noqa: PLC0415 - optional

        # What botocore stumbles over where the answer is no JSON object, or one of other types.
        odd = (ResponseParserError, AttributeError, TypeError, ValueError, RecursionError)
        context = {"app": "okta-hub", **place_of(aad)}
        try:
            answer = getattr(self._kms, act)(KeyId=self._arn, EncryptionContext=context, **what)
        except ClientError as error:
            raise _meaning(str(error.response["Error"].get("Code", ""))) from None
        except BotoCoreError as error:
            raise SealUnavailable(f"AWS KMS: {type(error).__name__}") from None
        except odd:
            raise SealUnavailable(_ODD) from None
        found: bytes = answer.get(wanted, b"")
        if not found:
            raise SealUnavailable(_ODD)
        return found


def _meaning(code: str) -> SealError | SealUnavailable:
    """Everything that is not surely the text's fault may pass."""
    if code in _BROKEN:
        return SealError("authentication failed")
    return SealUnavailable(f"AWS KMS: {code}")


def _client(region: str, endpoint: str) -> Any:
    try:
        import boto3  # noqa: PLC0415 - optional
        from botocore.config import Config  # noqa: PLC0415 - optional
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - optional
    except ImportError:
        raise KeyringError(
            "A key of the key ring is in AWS KMS, and boto3 is not installed: "
            "pip install -r requirements/kms.lock"
        ) from None
    patience = Config(
        connect_timeout=CONNECT_S, read_timeout=READ_S, retries={"total_max_attempts": 2}
    )
    try:
        return boto3.client(
            "kms", region_name=region or None, endpoint_url=endpoint or None, config=patience
        )
    except (BotoCoreError, ValueError) as error:
        raise KeyringError(f"The aws-kms key cannot be used: {type(error).__name__}.") from None
