"""Deploy checks: what must not be true in production."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security, deploy=True)
def development_dial_is_off(app_configs: Any, **kwargs: Any) -> list[Error]:
    if not (settings.OKTA_DIAL or settings.OKTA_CA_BUNDLE):
        return []
    return [
        Error(
            "OKTA_DIAL or OKTA_CA_BUNDLE is set: calls meant for Okta would go elsewhere.",
            hint="Both are for the local sandbox only. Unset them.",
            id="hub.E001",
        )
    ]


@register(Tags.security, deploy=True)
def public_url_is_https(app_configs: Any, **kwargs: Any) -> list[Error]:
    if settings.SECURE:
        return []
    return [Error("PUBLIC_URL must start with https:// in production.", id="hub.E002")]


@register(Tags.security, deploy=True)
def environment_is_production(app_configs: Any, **kwargs: Any) -> list[Error]:
    if settings.PRODUCTION:
        return []
    return [Error("ENVIRONMENT must be production on a server.", id="hub.E003")]
