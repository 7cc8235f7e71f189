"""The org authorization server: tokens for client credentials, their end, and what they hold."""

from collections.abc import Mapping

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.operations.client_auth import Form, authenticate, bad_request, read_form
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply, oauth_error
from tenants.sandbox.scopes import KNOWN_SCOPES, USER_SCOPES

_NO_STORE = [("cache-control", "no-cache, no-store")]


def _token(call: Call) -> Reply:
    """Trade client credentials for a token, or refuse with the code Okta would give.

    Raises:
        Refusal: in the OAuth shape; the codes are those of Okta's own catalogue.
    """
    org, form = call.org, read_form(call.request)
    _require_grant_type(form)
    client_id = authenticate(org, call.request, form)
    scopes = _clean_scopes(org, client_id, form)
    body = {
        "token_type": "Bearer",
        "expires_in": org.token_lifetime_s,
        "access_token": org.tokens.issue(client_id, frozenset(scopes), org.token_lifetime_s),
        "scope": " ".join(scopes),
    }
    return json_reply(body, headers=_NO_STORE)


def _revoke(call: Call) -> Reply:
    """End one of the client's own tokens; the answer never tells whether there was one."""
    form = read_form(call.request)
    client_id = authenticate(call.org, call.request, form)
    call.org.tokens.revoke(_require_token(form), client_id)
    return Reply(200, headers=list(_NO_STORE))


def _introspect(call: Call) -> Reply:
    """What a token of this org holds; of any other text only that it is not active."""
    org, form = call.org, read_form(call.request)
    authenticate(org, call.request, form)
    token, issuer = org.tokens.find(_require_token(form)), f"https://{org.host}"
    if token is None:
        return json_reply({"active": False}, headers=_NO_STORE)
    body = {
        "active": True,
        "scope": " ".join(sorted(token.scopes)),
        "client_id": token.client_id,
        "exp": int(token.expires_at),
        "iat": int(token.issued_at),
        "sub": token.client_id,
        "aud": issuer,
        "iss": issuer,
        "jti": token.id,
        "token_type": "Bearer",
    }
    return json_reply(body, headers=_NO_STORE)


def _require_grant_type(form: Form) -> None:
    if not form.get("grant_type"):
        raise bad_request("The grant_type parameter is missing.")
    if form["grant_type"] != "client_credentials":
        raise oauth_error(400, "unsupported_grant_type", "This grant type is not supported here.")


def _require_token(form: Form) -> str:
    if not form.get("token"):
        raise bad_request("The `token` parameter is required.")
    return form["token"]


def _clean_scopes(org: Org, client_id: str, form: Form) -> list[str]:
    """The scopes to issue, in the order asked for."""
    asked = list(dict.fromkeys(form.get("scope", "").split()))
    if not asked:
        raise oauth_error(400, "invalid_scope", "No scopes were requested.")
    if USER_SCOPES.intersection(asked):
        raise oauth_error(
            400, "invalid_scope", "Cannot request 'openid' scopes using client credentials."
        )
    if not KNOWN_SCOPES.issuperset(asked):
        text = "One or more scopes are not configured for the authorization server resource."
        raise oauth_error(400, "invalid_scope", text)
    consented = org.installs.granted(client_id)
    granted = [scope for scope in asked if scope in consented]
    if not granted:
        text = "You are not allowed any of the requested scopes."
        raise oauth_error(400, "consent_required", text)
    if len(granted) < len(asked) and not org.narrows_scopes:
        raise oauth_error(400, "consent_required", "Not every requested scope is granted.")
    return granted


HANDLERS: Mapping[str, Handler] = {"token": _token, "revoke": _revoke, "introspect": _introspect}
