"""What an authorization server puts into its tokens: scopes and claims."""

from tenants.okta.operations.family import Family

_SCOPE = "okta.authorizationServers"
_SERVER = "/api/v1/authorizationServers/{authServerId}"

_scopes = Family(f"{_SERVER}/scopes", _SCOPE)
_claims = Family(f"{_SERVER}/claims", _SCOPE)

OPERATIONS = (
    _scopes.listing("listOAuth2Scopes", page_limit=200),
    _scopes.post("createOAuth2Scope"),
    _scopes.get("getOAuth2Scope", "/{scopeId}"),
    _scopes.put("replaceOAuth2Scope", "/{scopeId}"),
    _scopes.delete("deleteOAuth2Scope", "/{scopeId}"),
    _claims.listing("listOAuth2Claims"),
    _claims.post("createOAuth2Claim"),
    _claims.get("getOAuth2Claim", "/{claimId}"),
    _claims.put("replaceOAuth2Claim", "/{claimId}"),
    _claims.delete("deleteOAuth2Claim", "/{claimId}"),
)
