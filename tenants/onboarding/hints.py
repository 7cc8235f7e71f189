"""What we make of a field while it is being filled in. Never an obstacle: the form decides."""

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError

from tenants.okta.hosts import HostError, understand_host
from tenants.onboarding.forms import clean_client_id, is_usual_client_id, looks_like_a_secret


@dataclass(frozen=True)
class Hint:
    """``understood`` is the value as we would store it, or empty where we could not."""

    understood: str = ""
    note: str = ""


def hint_for(field: str, text: str) -> Hint:
    """The hint below ``field``; an empty one for blank text and for fields without hints."""
    if not text.strip():
        return Hint()
    if field == "okta_domain":
        return _domain_hint(text)
    return _client_id_hint(text.strip()) if field == "client_id" else Hint()


def _domain_hint(text: str) -> Hint:
    try:
        understood = understand_host(text, settings.OKTA_HOST_SUFFIXES)
    except HostError as exc:
        return Hint(note=str(exc))
    return Hint(understood.host, understood.note)


def _client_id_hint(text: str) -> Hint:
    if looks_like_a_secret(text):
        return Hint(note="This looks like the client secret. It belongs into the field below.")
    try:
        clean_client_id(text)
    except ValidationError as exc:
        return Hint(note=exc.messages[0])
    if is_usual_client_id(text):
        return Hint()
    return Hint(
        note="Okta's client IDs for integrations are 0oa and 17 more letters and digits. "
        "If yours was shown on the integration's General tab, go on."
    )
