"""Is this process alive, and can it serve?"""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from tenants.keys.ring import keyring
from tenants.vault.errors import KeyringError


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Ready means: the database answers and secrets can be sealed.

    Redis may be away; pages never wait for it.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        keyring()
    except DatabaseError:
        return JsonResponse({"status": "database unavailable"}, status=503)
    except KeyringError:
        return JsonResponse({"status": "key ring unavailable"}, status=503)
    return JsonResponse({"status": "ok"})
