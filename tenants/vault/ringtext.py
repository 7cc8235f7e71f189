"""A key ring as text: what the key file holds, and how it changes.

    {"primary": id, "keys": {id: base64 of 32 bytes}, "caches": base64, "retired": [id]}

In place of its bytes a key may have an object that names its kind; see ``tenants.vault.kinds``.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os import urandom
from typing import Any, Self, TypeGuard

from tenants.vault.errors import KeyringError
from tenants.vault.keys import KEY_BYTES

#: The bytes of a key in base64, or what its kind needs to know of it.
Spec = str | Mapping[str, str]


@dataclass(frozen=True)
class RingText:
    """Immutable: each change is a new one, to be written whole."""

    primary: str
    keys: Mapping[str, Spec] = field(repr=False)
    caches: str = field(default="", repr=False)
    retired: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises KeyringError, which repeats nothing of the text."""
        # Raised outside the helper's handler: a decoding error keeps the whole text.
        match _parsed(text):
            case {"primary": str(primary), "keys": dict(keys), **others} if (
                others.keys() <= {"caches", "retired"}
                and all(_is_spec(spec) for spec in keys.values())
                and isinstance(caches := others.get("caches", ""), str)
                and _are_texts(retired := others.get("retired", []))
            ):
                return cls(primary, keys, caches, tuple(retired))
        raise KeyringError('Key text must be JSON: {"primary": id, "keys": {id: base64}}.')

    @classmethod
    def around(cls, key_id: str, spec: Spec) -> Self:
        """A new ring of one key."""
        return cls(key_id, {key_id: spec}, random_text())

    def __str__(self) -> str:
        document: dict[str, Any] = {"primary": self.primary, "keys": self.keys}
        if self.caches:
            document["caches"] = self.caches
        if self.retired:
            document["retired"] = self.retired
        return json.dumps(document, indent=2) + "\n"

    def adding(self, key_id: str, spec: Spec) -> Self:
        return replace(self, keys={**self.keys, key_id: spec})

    def led_by(self, key_id: str) -> Self:
        """With another primary. Whatever is derived stays as it is from now on."""
        return replace(self, primary=key_id, caches=self.caches or random_text())

    def public(self) -> Self:
        """What a process needs that seals under the primary, and opens nothing.

        Raises:
            KeyringError: the primary key has no public half.
        """
        spec = self.keys[self.primary]
        if isinstance(spec, str) or "public" not in spec:
            raise KeyringError(
                "The primary key has no public half. Move to one that has: "
                "manage.py keys add --kind hpke, then keys rotate"
            )
        half = {name: spec[name] for name in ("kind", "public")}
        return replace(self, keys={self.primary: half}, caches="", retired=())

    def retiring(self, key_id: str) -> Self:
        return replace(self, retired=tuple(sorted({*self.retired, key_id})))

    def without(self, key_id: str) -> Self:
        keys = {kept: spec for kept, spec in self.keys.items() if kept != key_id}
        return replace(self, keys=keys, retired=tuple(set(self.retired) - {key_id}))


def random_text() -> str:
    """A fresh key as it stands in a key file."""
    return base64.b64encode(urandom(KEY_BYTES)).decode()


def decoded(text: str) -> bytes:
    """A key's bytes; none at all, which no ring accepts, for what is not base64 to the last bit."""
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    # Base64 has spare bits at its end: a slip of the pen there is one too.
    return key if base64.b64encode(key).decode() == text else b""


def _parsed(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError):
        return None


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len(found := dict(pairs)) != len(pairs):
        raise ValueError("a name appears twice")
    return found


def _is_spec(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, dict) and _are_texts([*value.values()]))


def _are_texts(values: object) -> TypeGuard[list[str]]:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)
