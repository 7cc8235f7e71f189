"""The keys as an operator looks at them: ids and counts, and nothing of a key."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from tenants.keys.counts import counted, sealed_counts
from tenants.vault.keyfile import read_key_file
from tenants.vault.ringtext import RingText


@dataclass(frozen=True)
class KeyLine:
    """``kind`` is local or a key service; ``role`` primary, opens, retired or missing."""

    key_id: str
    kind: str
    role: str
    count: int

    def __str__(self) -> str:
        return f"{self.key_id:32} {self.kind:14} {self.role:8} {counted(self.count)}"


def keys_list() -> Iterator[KeyLine]:
    """Keys in the ring first, in its order; then those that values name and that are missing.

    Raises:
        KeyringError: the key ring cannot be read.
    """
    text = RingText.parse(settings.KEYRING_TEXT or read_key_file(Path(settings.KEYRING_FILE)))
    counts = sealed_counts()
    for key_id, spec in text.keys.items():
        kind = "local" if isinstance(spec, str) else spec.get("kind", "")
        yield KeyLine(key_id, kind, _role(text, key_id), counts.pop(key_id, 0))
    for key_id, count in counts.items():
        yield KeyLine(key_id, "", "missing", count)


def _role(text: RingText, key_id: str) -> str:
    if key_id == text.primary:
        return "primary"
    return "retired" if key_id in text.retired else "opens"
