"""The form that takes the three values of an installed integration."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from tenants.okta.hosts import HostError, understand_host
from tenants.vault.secret import Secret

#: What Okta accepts as a client ID; those of an installed integration are 0oa and 17 more.
_CLIENT_ID = re.compile(r"[A-Za-z0-9$_.+!*'(),-]{6,100}")
_INTEGRATION_ID = re.compile(r"0oa[A-Za-z0-9]{17}")
#: Okta takes printable ASCII and makes 40 characters or more itself.
_SECRET = re.compile(r"[ -~]{14,255}")
_SECRET_LENGTH_MADE_BY_OKTA = 40


class ConnectForm(forms.Form):
    """Cleans to ``okta_domain`` (a host), ``client_id`` and ``client_secret`` (a `Secret`)."""

    okta_domain = forms.CharField(
        label="Okta domain",
        help_text="In Okta: the integration's General tab, or the menu under your name.",
        strip=False,  # the host rules say better than Django what surrounds a pasted address
        error_messages={"required": "Enter your Okta domain, for example acme.okta.com."},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    client_id = forms.CharField(
        label="Client ID",
        help_text="In Okta: the integration's General tab. It starts with 0oa.",
        error_messages={"required": "Enter the client ID from the integration's General tab."},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )
    client_secret = forms.CharField(
        label="Client secret",
        help_text="In Okta: shown once, right after Install & Authorize.",
        error_messages={
            "required": "Paste the client secret. We never keep it on this page, so it is "
            "needed each time you send the form."
        },
        widget=forms.PasswordInput(
            render_value=False,
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
        ),
    )

    def clean_okta_domain(self) -> str:
        return clean_domain(self.cleaned_data["okta_domain"])

    def clean_client_id(self) -> str:
        client_id: str = self.cleaned_data["client_id"]
        if looks_like_a_secret(client_id):
            self._forget("client_id")
            raise ValidationError(
                "This looks like the client secret. Paste it into the field below, and the "
                "client ID here. We have not kept it."
            )
        return clean_client_id(client_id)

    def clean_client_secret(self) -> Secret:
        secret: str = self.cleaned_data.pop("client_secret")
        if _INTEGRATION_ID.fullmatch(secret):
            raise ValidationError("This is a client ID. Paste the client secret here.")
        if not _SECRET.fullmatch(secret):
            raise ValidationError(_what_is_wrong_with_secret(secret))
        return Secret(secret)

    def _forget(self, name: str) -> None:
        """Show the form again without what was typed there."""
        self.data: Any = self.data.copy()
        self.data[name] = ""


class DisconnectForm(forms.Form):
    """Asks for the org's domain before its connection is ended."""

    org = forms.CharField(
        label="Type your org's domain to confirm",
        error_messages={"required": "Type the domain, so that nobody ends this by mistake."},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def __init__(self, *args: Any, host: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.host = host
        self.fields["org"].help_text = host

    def clean_org(self) -> str:
        org: str = self.cleaned_data["org"]
        if org.strip().casefold() != self.host.casefold():
            raise ValidationError("This is not the domain of the org that is connected.")
        return org


def clean_domain(text: str) -> str:
    """The org's host. Raises ValidationError with a sentence for the field."""
    try:
        return understand_host(text, settings.OKTA_HOST_SUFFIXES).host
    except HostError as exc:
        raise ValidationError(str(exc)) from exc


def clean_client_id(client_id: str) -> str:
    """The client ID as it is. Raises ValidationError with a sentence for the field."""
    if "://" in client_id or client_id.lower().endswith(settings.OKTA_HOST_SUFFIXES):
        raise ValidationError("This is a web address. Paste the client ID, which starts with 0oa.")
    if "@" in client_id:
        raise ValidationError(
            "This looks like an e-mail address. Paste the client ID, which starts with 0oa."
        )
    if client_id == "ALL_CLIENTS" or not _CLIENT_ID.fullmatch(client_id):
        raise ValidationError(
            "A client ID has 6 to 100 letters, digits and signs without blanks. "
            "Copy it again from the integration's General tab."
        )
    return client_id


def looks_like_a_secret(client_id: str) -> bool:
    """Whether the wrong field was hit: then it must be neither stored nor shown again."""
    return len(client_id) >= _SECRET_LENGTH_MADE_BY_OKTA and bool(
        re.fullmatch(r"(?!0oa)[\w-]+", client_id)
    )


def is_usual_client_id(client_id: str) -> bool:
    return bool(_INTEGRATION_ID.fullmatch(client_id))


def _what_is_wrong_with_secret(secret: str) -> str:
    if len(secret) < 14:
        return f"A client secret has at least 14 characters; this one has {len(secret)}."
    if len(secret) > 255:
        return f"A client secret has at most 255 characters; this one has {len(secret)}."
    return (
        "There is a character in this secret that Okta does not use. Copy it with the button "
        "in Okta instead of marking it by hand."
    )
