"""Every pair of text and ground can be read, in light and in dark."""

import re

import pytest
from django.conf import settings

CSS = (settings.BASE_DIR / "tenants/static/hub/tokens.css").read_text()
LEAST = 4.5

TONES = ("ok", "busy", "warn", "bad", "idle")
PAIRS = [
    *[(ink, ground) for ink in ("text", "muted", "accent", "accent-strong", "bad", "warn")
      for ground in ("ground", "surface", "sunken")],
    *[(ink, f"{tone}-ground") for tone in TONES for ink in (tone, "text", "muted")],
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
]  # fmt: skip


def _colours(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*#([0-9a-f]{6})", css))


_light, _dark = CSS.split("@media", 1)
SCHEMES = {"light": _colours(_light), "dark": _colours(_light) | _colours(_dark)}


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_contrast(scheme: str, ink: str, ground: str):
    colours = SCHEMES[scheme]
    darker, lighter = sorted(_luminance(colours[name]) for name in (ink, ground))

    assert (lighter + 0.05) / (darker + 0.05) >= LEAST
