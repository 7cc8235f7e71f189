"""The org authorization server, for client credentials only."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from urllib.parse import parse_qsl

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply, oauth_error
from tenants.sandbox.requests import Request
from tenants.sandbox.scopes import KNOWN_SCOPES, USER_SCOPES

Form = dict[str, str]


def _token(call: Call) -> Reply:
    """Trade client credentials for a token, or refuse with the code Okta would give.

    Raises:
        Refusal: in the OAuth shape; the codes are those of Okta's own catalogue.
    """
    org, form = call.org, _read_form(call.request)
    _authenticate(org, call.request, form)
    scopes = _clean_scopes(org, form)
    body = {
        "token_type": "Bearer",
        "expires_in": org.token_lifetime_s,
        "access_token": org.issue_token(frozenset(scopes)),
        "scope": " ".join(scopes),
    }
    return json_reply(body, headers=[("cache-control", "no-cache, no-store")])


def _read_form(request: Request) -> Form:
    if "client_secret" in request.query:
        raise oauth_error(400, "invalid_request", "Credentials do not belong in the query.")
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True)
    except UnicodeDecodeError:
        raise oauth_error(400, "invalid_request", "The body is not a form.") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise oauth_error(400, "invalid_request", "A parameter was sent more than once.")
    if not form.get("grant_type"):
        raise oauth_error(400, "invalid_request", "The grant_type parameter is missing.")
    if form["grant_type"] != "client_credentials":
        raise oauth_error(400, "unsupported_grant_type", "This grant type is not supported here.")
    return form


def _authenticate(org: Org, request: Request, form: Form) -> None:
    header = request.headers.get("authorization")
    if header and ("client_secret" in form or "client_assertion" in form):
        # 401 although the code is one of 400s: so says Okta's catalogue and a recorded trace.
        raise oauth_error(401, "invalid_request", "Cannot supply multiple client credentials.")
    if not header and "client_secret" in form:
        raise oauth_error(401, "invalid_client", "Only client_secret_basic is accepted here.")
    client_id, secret = _read_basic(header or "")
    if not org.knows_client(client_id):
        raise oauth_error(401, "invalid_client", "Invalid value for 'client_id' parameter.")
    if not org.accepts_secret(secret):
        raise oauth_error(401, "invalid_client", "The client secret is invalid.")
    _refuse_custom_apps(org, request)


def _read_basic(header: str) -> tuple[str, str]:
    """Client ID and secret, taken as they are: Okta does not percent-decode either half."""
    scheme, _, encoded = header.partition(" ")
    try:
        client_id, colon, secret = b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        client_id, colon, secret = "", "", ""
    if scheme.lower() != "basic" or not colon:
        raise oauth_error(401, "invalid_client", "Client credentials are missing or malformed.")
    return client_id, secret


def _refuse_custom_apps(org: Org, request: Request) -> None:
    if org.client_kind == "dpop" and "dpop" not in request.headers:
        raise oauth_error(400, "invalid_dpop_proof", "The DPoP proof JWT header is missing.")
    if org.client_kind != "integration":
        raise oauth_error(
            401,
            "invalid_client",
            "Client Credentials requests must use the private_key_jwt token_endpoint_auth_method.",
        )


def _clean_scopes(org: Org, form: Form) -> list[str]:
    """The scopes to issue, in the order asked for."""
    asked = list(dict.fromkeys(form.get("scope", "").split()))
    if not asked:
        raise oauth_error(400, "invalid_scope", "No scopes were requested.")
    if USER_SCOPES.intersection(asked):
        raise oauth_error(400, "invalid_scope", "OpenID scopes need a signed-in user.")
    if not KNOWN_SCOPES.issuperset(asked):
        raise oauth_error(400, "invalid_scope", "One or more scopes are not configured here.")
    granted = [scope for scope in asked if scope in org.granted]
    if not granted or (len(granted) < len(asked) and not org.narrows_scopes):
        raise oauth_error(400, "consent_required", "Not every requested scope is granted.")
    return granted


HANDLERS: Mapping[str, Handler] = {"token": _token}
