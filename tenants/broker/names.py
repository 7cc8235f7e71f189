"""What tokens and grants are called in Redis: keyed hashes, which tell nobody whose they are."""

import functools
import hmac

from tenants.broker.memory import MAX_TOKENS, Identity, Key
from tenants.vault.framing import framed


class Names:
    def __init__(self, name_key: bytes) -> None:
        self._name_key = name_key
        # The fingerprint of a token that is used all day is worth remembering.
        self.token = functools.lru_cache(MAX_TOKENS)(self._token)

    def index(self, identity: Identity) -> str:
        return "hub:grant:" + self._hidden(*map(str, identity))

    def _token(self, key: Key) -> str:
        identity, scopes = key
        return "hub:token:" + self._hidden(*map(str, identity), " ".join(sorted(scopes)))

    def _hidden(self, *parts: str) -> str:
        return hmac.digest(self._name_key, framed(*parts), "sha256").hex()
