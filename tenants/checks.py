"""Deploy checks: what must not be true in production."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register

from tenants.runs.handlers import registered_handlers


@register()
def intervals_are_positive(app_configs: Any, **kwargs: Any) -> list[Error]:
    names = (
        *("SYNC_EVERY_S", "AUDIT_EVERY_S", "TICK_EVERY_S", "SETUP_LINK_DAYS"),
        *("TENANT_RUNS_AT_ONCE", "WORKER_SILENCE_S"),
    )
    return [
        Error(f"{name} must be more than 0.", id="hub.E004")
        for name in names
        if getattr(settings, name) <= 0
    ]


@register()
def scopes_cover_the_standing_jobs(app_configs: Any, **kwargs: Any) -> list[Error]:
    """A scope that is not registered is never granted, and its job fails for every tenant."""
    standing = [handler for handler in registered_handlers() if not handler.is_optional]
    needed = {scope for handler in standing for scope in handler.scopes}
    missing = sorted(needed - set(settings.OKTA_SCOPES))
    if not missing:
        return []
    return [Error(f"OKTA_SCOPES lacks what the jobs need: {', '.join(missing)}.", id="hub.E005")]


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
def keys_are_not_in_the_environment(app_configs: Any, **kwargs: Any) -> list[Warning]:
    if not settings.KEYRING_TEXT:
        return []
    return [
        Warning(
            "KEYRING_TEXT holds the keys: crash dumps and child processes see them.",
            hint="Put them into a file that KEYRING_FILE names.",
            id="hub.W001",
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
