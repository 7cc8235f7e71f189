"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def vendor(request: HttpRequest) -> dict[str, Any]:
    return {
        "vendor_name": settings.VENDOR_NAME,
        "integration_name": settings.INTEGRATION_NAME,
        "support_email": settings.SUPPORT_EMAIL,
    }
