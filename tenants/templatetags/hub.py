"""Template tags of the pages: chips, times and durations. Loaded everywhere as a builtin."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tenants import choices
from tenants.connections.uses import purpose_in_words

register = template.Library()

#: What a state means at a glance. The same word means the same wherever it is used.
TONES = {
    "ok": "connected active succeeded complete added revived resolved pass ok done proven",
    "busy": "verifying candidate running changed working sent",
    "warn": "retiring partial medium unknown stale warning removed",
    "bad": "attention needs_attention failed errored critical high open fail error refused",
}
TONE_OF = {word: tone for tone, words in TONES.items() for word in words.split()}

LABELS = {
    value: label
    for enum in vars(choices).values()
    if isinstance(enum, type) and issubclass(enum, choices.TextChoices)
    for value, label in enum.choices
}

UNITS = (("day", 86_400), ("h", 3_600), ("min", 60))


@register.inclusion_tag("components/chip.html")
def chip(value: str, label: str = "", tone: str = "", count: int | None = None) -> dict[str, str]:
    """A state as dot and word. ``label`` and ``tone`` replace what the state itself suggests."""
    words = label or LABELS.get(value, value)
    return {
        "label": words if count is None else f"{count} {words.lower()}",
        "tone": tone or TONE_OF.get(value, "idle"),
    }


@register.filter(name="tone")
def tone_of(value: str) -> str:
    return TONE_OF.get(value, "idle")


@register.filter(name="label")
def label_of(value: str) -> str:
    return LABELS.get(value, value)


@register.filter
def purpose(value: str) -> str:
    return purpose_in_words(value)


@register.filter
def within(words: str) -> str:
    """Words that would begin a sentence, for the middle of one; names in them stay as they are."""
    return words[:1].lower() + words[1:]


@register.filter
def get(mapping: Mapping[str, Any], key: str) -> Any:
    return mapping.get(key)


@register.simple_tag
def ago(at: datetime | None, empty: str = "never", past: str = "") -> SafeString | str:
    """A moment as distance from now, with the exact UTC moment in markup and on hover.

    ``past`` stands for it once it is over, where it is a moment at which something is expected.
    """
    if at is None:
        return empty
    exact = at.astimezone(UTC)
    seconds = (timezone.now() - at).total_seconds()
    return format_html(
        '<time datetime="{}" title="{} UTC" data-ago="{}">{}</time>',
        exact.isoformat(timespec="seconds"),
        exact.strftime("%Y-%m-%d %H:%M:%S"),
        past,
        past if past and seconds > 0 else distance(seconds),
    )


@register.inclusion_tag("components/secret_age.html")
def secret_age(since: datetime | None, empty: str = "—") -> dict[str, Any]:
    """How old a secret is, with a chip from the age on at which we remind of it."""
    days = (timezone.now() - since).days if since else 0
    ages = sorted(settings.SECRET_REMINDER_DAYS)
    tone = "bad" if days >= ages[-1] else "warn" if days >= ages[0] else ""
    return {"since": since, "days": days, "tone": tone, "empty": empty}


def distance(seconds: float) -> str:
    """Past is positive: 90 gives "1 min ago", -90 gives "in 1 min". As hub.js has it."""
    size = abs(seconds)
    for unit, length in UNITS:
        if size >= length:
            count = int(size // length)
            words = f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}"
            return f"{words} ago" if seconds > 0 else f"in {words}"
    return "just now" if seconds >= 0 else "in a moment"


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds in the two largest units that matter: 3 s, 2 min 5 s, 4 h 10 min, 3 d 2 h."""
    if seconds is None:
        return "—"
    if seconds < 10:
        return f"{seconds:.1f} s"
    total = round(seconds)
    parts = [
        (total // 86_400, "d"),
        (total // 3_600 % 24, "h"),
        (total // 60 % 60, "min"),
        (total % 60, "s"),
    ]
    first = next(i for i, (count, _) in enumerate(parts) if count)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count)


@register.filter
def pretty_json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


@register.filter
def compact_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@register.simple_tag(takes_context=True)
def nonce(context: template.Context) -> str:
    """The content policy's nonce; empty where no request is at hand."""
    request: HttpRequest | None = context.get("request")
    return str(getattr(request, "csp_nonce", ""))
