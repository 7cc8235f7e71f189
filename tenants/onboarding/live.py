"""Parts of a page that renew themselves while a run works.

A part is sent again only when it has changed. Otherwise the answer is 204, which htmx takes as
"leave it": nothing flickers, and a screen reader is not told the same thing every second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class LivePart:
    """``html`` is the part in its frame, ``status`` the same in one sentence to be read aloud."""

    html: SafeString
    status: str
    digest: str
    is_live: bool


def live_part(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    status: str,
    poll_url: str | None,
) -> LivePart:
    """Render the part. Without ``poll_url`` it has come to its end and stays as it is."""
    body = render_to_string(template, dict(context), request)
    digest = sha256(f"{poll_url} {body}".encode()).hexdigest()[:16]
    frame = {"body": body, "poll_url": poll_url, "digest": digest}
    html = render_to_string("onboarding/_live.html", frame)
    return LivePart(html, status, digest, poll_url is not None)


def live_answer(request: HttpRequest, part: LivePart) -> HttpResponse:
    if request.GET.get("seen") == part.digest:
        return HttpResponse(status=204)
    spoken = format_html('<p hx-swap-oob="innerHTML:#live-status">{}</p>', part.status)
    return HttpResponse(part.html + spoken)
