"""Is this process alive, and can it serve?"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from tenants.keys.proof import proven_keyring
from tenants.vault.errors import KeyringError, SealError, SealUnavailable

#: Seconds that each of the questions behind "ready" may take.
PATIENCE_S = 2.0

logger = logging.getLogger(__name__)


class _Question:
    """Asked in a thread of its own, since nothing else bounds a database that stands still.

    While one asking has no answer yet there is no second one, however often we are asked.
    """

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ready")
        self._asking: Future[None] | None = None

    def complaint(self) -> str:
        """What is wrong, for our log; '' when nothing is."""
        if self._asking is None or self._asking.done():
            self._asking = self._thread.submit(self._ask)
        try:
            self._asking.result(PATIENCE_S)
        except (Error, KeyringError, SealError, SealUnavailable) as exc:
            return f"{type(exc).__name__}: {exc}"
        except TimeoutError:
            return f"no answer within {PATIENCE_S:g} s"
        return ""


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Ready means: the database answers and secrets can be sealed with keys that are proven.

    Redis may be away; pages never wait for it. What is wrong is told to our log alone.
    """
    for name, question in _questions().items():
        if complaint := question.complaint():
            logger.warning("not ready: %s: %s", name, complaint)
            return JsonResponse({"status": "unavailable"}, status=503)
    return JsonResponse({"status": "ok"})


@cache
def _questions() -> dict[str, _Question]:
    """Made on first use: threads do not outlive a fork."""
    return {"database": _Question(_ask_database), "keys": _Question(_prove_keys)}


def _ask_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _prove_keys() -> None:
    try:
        proven_keyring()
    finally:
        connection.close()
