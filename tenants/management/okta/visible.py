"""Text without what a terminal would obey: names and labels in an org are anybody's choice."""

import json
from collections.abc import Callable


def visible(text: str) -> str:
    """``text`` with line breaks as they are, and all else that does not print escaped as in JSON,
    so that JSON stays what it was."""
    return _replaced(text, lambda char: json.dumps(char)[1:-1])


def visible_bytes(raw: bytes) -> bytes:
    """The text in ``raw``, with a mark for every byte and character that does not print."""
    return _replaced(raw.decode(errors="replace"), lambda _: "\ufffd").encode() + b"\n"


def _replaced(text: str, escape: Callable[[str], str]) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else escape(char) for char in text)
