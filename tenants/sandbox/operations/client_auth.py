"""Who calls an endpoint of the org authorization server: form and client authentication."""

import binascii
from base64 import b64decode
from urllib.parse import parse_qsl

from tenants.sandbox.org import Org
from tenants.sandbox.replies import Refusal, oauth_error
from tenants.sandbox.requests import Request

Form = dict[str, str]

_CREDENTIALS = ("client_secret", "client_assertion")

#: Okta's own texts, which tell a person what they pasted; the codes are the same.
_WRONG_METHOD = (
    "OAuth Integration Client Credentials requests to the Org Authorization Server must use "
    "either private_key_jwt or client_secret_basic as the token_endpoint_auth_method."
)
_CUSTOM_APP = (
    "Client Credentials requests to the Org Authorization Server must use the private_key_jwt "
    "token_endpoint_auth_method."
)


def read_form(request: Request) -> Form:
    """The body's parameters.

    Raises:
        Refusal: 400 for what is no form, says something twice, or hides credentials in the query.
    """
    if any(name in request.query for name in _CREDENTIALS):
        raise bad_request("Client credentials cannot be supplied via query parameters.")
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True)
    except UnicodeDecodeError:
        raise bad_request("The body is not a form.") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise bad_request("A parameter was sent more than once.")
    return form


def authenticate(org: Org, request: Request, form: Form) -> str:
    """The client ID of whoever sent the request.

    Raises:
        Refusal: 401 or 400, with the codes of Okta's own catalogue.
    """
    header = request.headers.get("authorization", "")
    if header and any(name in form for name in _CREDENTIALS):
        # 401 although the code is one of 400s: so says Okta's catalogue and a recorded trace.
        raise oauth_error(401, "invalid_request", "Cannot supply multiple client credentials.")
    if "client_secret" in form:
        raise _invalid_client(_WRONG_METHOD)
    client_id, secret = _read_basic(header)
    if not org.installs.knows(client_id):
        raise _invalid_client("Invalid value for 'client_id' parameter.")
    if not org.installs.accepts(client_id, secret):
        text = "The client secret supplied for a confidential client is invalid."
        raise _invalid_client(text)
    if client_id == org.client_id:
        _refuse_custom_app(org, request)
    return client_id


def bad_request(description: str) -> Refusal:
    return oauth_error(400, "invalid_request", description)


def _read_basic(header: str) -> tuple[str, str]:
    """Client ID and secret, taken as they are: Okta does not percent-decode either half."""
    scheme, _, encoded = header.partition(" ")
    try:
        client_id, colon, secret = b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        client_id, colon, secret = "", "", ""
    if scheme.lower() != "basic" or not colon:
        raise _invalid_client("Client credentials are missing or malformed.")
    return client_id, secret


def _refuse_custom_app(org: Org, request: Request) -> None:
    """Turn away what was made by hand where an installed integration is wanted."""
    if org.client_kind == "dpop" and "dpop" not in request.headers:
        raise oauth_error(400, "invalid_dpop_proof", "The DPoP proof JWT header is missing.")
    if org.client_kind != "integration":
        raise _invalid_client(_CUSTOM_APP)


def _invalid_client(description: str) -> Refusal:
    return oauth_error(401, "invalid_client", description)
