"""The org's own authorization server, which asks for the client's credentials, not for a token."""

from tenants.okta.operations.family import Family
from tenants.okta.operations.media import FORM, NOTHING
from tenants.okta.operations.operation import Effect

_oauth = Family("/oauth2/v1")

OPERATIONS = (
    # A second token is one more of the same, and no cost to the first.
    _oauth.post("token", "/token", body=FORM, repeatable=True, creates_secret=True),
    # 200 for a token that is gone already (RFC 7009 §2.2).
    _oauth.post("revoke", "/revoke", body=FORM, answers=NOTHING, effect=Effect.DELETE),
    # A POST to keep the token out of the URL (RFC 7662 §2.1).
    _oauth.post("introspect", "/introspect", body=FORM, effect=Effect.READ),
)
