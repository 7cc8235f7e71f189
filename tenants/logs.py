"""Logs: one JSON object a line, in UTC, without secrets."""

import json
import logging
import re
from collections.abc import ItemsView
from datetime import UTC, datetime
from typing import Any

import structlog
from django.views.debug import SafeExceptionReporterFilter

#: A setup link's path ends in its token, and Django logs the paths of refused requests.
_LINKS = re.compile(r"(/connect/enter/)[^/\s]+")
#: The password in the address of a database or a Redis.
_PASSWORDS = re.compile(r"(://[^\s/:@]*:)[^\s/]+@")
#: Second net below "never log it": a Basic or Bearer header, or a secret= pair, that slipped in.
_SECRETS = re.compile(
    r"(?i)\b(basic|bearer)\s+[\w+/=.~-]{8,}|\b(\w*(?:secret|password|token)\w*)([\"']?\s*[=:]\s*[\"']?)[^\s\"',}]{4,}"
)


def scrub(text: str) -> str:
    """Replace what looks like a credential by its kind."""
    text = _PASSWORDS.sub(r"\1***@", _LINKS.sub(r"\1***", text))
    return _SECRETS.sub(lambda m: f"{m[1]} ***" if m[1] else f"{m[2]}{m[3]}***", text)


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": scrub(record.getMessage()),
            **structlog.contextvars.get_contextvars(),
        }
        if record.exc_info:
            line["traceback"] = scrub(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=True, default=str)


class SafeReporterFilter(SafeExceptionReporterFilter):
    """Django's list of names to hide misses URLs that carry passwords.

    And whoever asks Okta for a token holds the secret in a plain variable: outside of development
    a report shows where it broke, and no variables.
    """

    hidden_settings = re.compile(
        r"API|AUTH|TOKEN|KEY|SECRET|PASS|SIGNATURE|HTTP_COOKIE|_URL|DATABASES|CACHES|BROKER",
        flags=re.IGNORECASE,
    )

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> ItemsView[str, Any]:
        shown: dict[str, Any] = {}
        if not self.is_active(request):
            shown |= super().get_traceback_frame_variables(request, tb_frame)
        return shown.items()
