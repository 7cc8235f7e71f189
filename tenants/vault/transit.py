"""A key in the transit engine of HashiCorp Vault, over its HTTP API.

The key must be of a type with associated data (aes256-gcm96, which is the default): tenant, field
and row are authenticated by Vault. Needs Vault 1.13 or later.
"""

import base64
import http.client
import json
import re
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tenants.vault.errors import KeyringError, SealError, SealUnavailable
from tenants.vault.keys import KEY_BYTES
from tenants.vault.ringtext import decoded

KIND = "vault-transit"
PATIENCE_S = 5.0
MAX_ANSWER = 64 * 1024

_ADDRESS = re.compile(r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+)(:(?P<port>[0-9]{1,5}))?/?")
_LOOPBACK = ("127.0.0.1", "localhost")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: Vault's words for a text that is not this key's, or not of this place. Their status has varied.
_BROKEN = ("message authentication failed", "invalid ciphertext")
_ODD = "Vault: an answer that does not parse"


class TransitKey:
    opens = True
    public = ""

    def __init__(
        self,
        address: str,
        key: str,
        token_file: str,
        mount: str = "transit",
        namespace: str = "",
        ca_file: str = "",
    ) -> None:
        """``address`` is ``https://host:port``; plain http is for loopback alone.

        The token is read anew for every request, because Vault's agent renews it in its file.

        Raises:
            KeyringError: something here cannot be used.
        """
        where = _ADDRESS.fullmatch(address)
        if where is None or (where["scheme"] == "http" and where["host"] not in _LOOPBACK):
            raise KeyringError("The address of a vault-transit key must be https://host:port.")
        if not (_NAME.fullmatch(key) and _NAME.fullmatch(mount)):
            raise KeyringError("key and mount of a vault-transit key are plain names.")
        self._scheme, self._host = where["scheme"], where["host"]
        self._port = int(where["port"]) if where["port"] else None
        self._path = f"/v1/{mount}/{{act}}/{key}"
        self._token_file = Path(token_file)
        self._headers = {"X-Vault-Namespace": namespace} if namespace else {}
        self._tls = _tls(ca_file)

    @classmethod
    def from_spec(cls, spec: Mapping[str, str]) -> Self:
        """The arguments above by their names; the last three may be left out."""
        needed = {"address", "key", "token_file"}
        if not needed <= spec.keys() <= needed | {"mount", "namespace", "ca_file"}:
            raise KeyringError(
                "A vault-transit key has an address, a key and a token_file, and may have a mount, "
                "a namespace and a ca_file."
            )
        return cls(**spec)

    def wrap(self, dek: bytes, aad: bytes) -> bytes:
        wrapped = self._asked("encrypt", "ciphertext", aad, plaintext=_base64(dek)).encode()
        if not _is_vaults(wrapped):
            raise SealUnavailable(_ODD)
        return wrapped

    def unwrap(self, wrapped: bytes, aad: bytes) -> bytes:
        if not _is_vaults(wrapped):
            raise SealError("malformed")
        plaintext = self._asked("decrypt", "plaintext", aad, ciphertext=wrapped.decode())
        if len(dek := decoded(plaintext)) != KEY_BYTES:
            raise SealUnavailable(_ODD)
        return dek

    def _asked(self, act: str, wanted: str, aad: bytes, **what: str) -> str:
        body = {"associated_data": _base64(aad), **what}
        status, answer = self._posted(self._path.format(act=act), json.dumps(body))
        match answer:
            case {"data": {**data}} if status == http.client.OK and isinstance(
                found := data.get(wanted), str
            ):
                return found
        raise _meaning(status, answer)

    def _posted(self, path: str, body: str) -> tuple[int, Any]:
        """Status and JSON. No redirect is followed: whoever answers so is not our Vault."""
        connection = self._connection()
        try:
            connection.request("POST", path, body, self._headers | {"X-Vault-Token": self._token()})
            response = connection.getresponse()
            return response.status, json.loads(response.read(MAX_ANSWER))
        except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
            raise SealUnavailable(f"Vault: {type(error).__name__}") from None
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        if self._scheme == "http":
            return http.client.HTTPConnection(self._host, self._port, timeout=PATIENCE_S)
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=PATIENCE_S, context=self._tls
        )

    def _token(self) -> str:
        return self._token_file.read_text(encoding="ascii").strip()


def _is_vaults(wrapped: bytes) -> bool:
    return wrapped.isascii() and wrapped.startswith(b"vault:v")


def _meaning(status: int, answer: Any) -> SealError | SealUnavailable:
    """Everything that is not surely the text's fault may pass: a sealed Vault, a token run out."""
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if isinstance(errors, list) and any(word in str(errors) for word in _BROKEN):
        return SealError("authentication failed")
    return SealUnavailable(f"Vault: HTTP {status}")


def _tls(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise KeyringError(f"{ca_file} cannot be read: {error.strerror}.") from None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
