"""Custom authorization servers, whom they trust, their clients and those clients' tokens."""

from tenants.okta.operations.family import Family

_SCOPE = "okta.authorizationServers"
_SERVER = "/api/v1/authorizationServers/{authServerId}"

_servers = Family("/api/v1/authorizationServers", _SCOPE)
_server = Family(_SERVER, _SCOPE)
_associated = Family(f"{_SERVER}/associatedServers", _SCOPE)
_clients = Family(f"{_SERVER}/clients", _SCOPE)
_tokens = Family(f"{_SERVER}/clients/{{clientId}}/tokens", _SCOPE)

OPERATIONS = (
    _servers.listing("listAuthorizationServers", page_limit=200),
    _servers.post("createAuthorizationServer"),
    _server.get("getAuthorizationServer"),
    _server.put("replaceAuthorizationServer"),
    _server.delete("deleteAuthorizationServer"),
    _server.act("activateAuthorizationServer", "/lifecycle/activate"),
    _server.act("deactivateAuthorizationServer", "/lifecycle/deactivate"),
    _associated.listing("listAssociatedServersByTrustedType", page_limit=200),
    _associated.post("createAssociatedServers"),
    _associated.delete("deleteAssociatedServer", "/{associatedServerId}"),
    _clients.listing("listOAuth2ClientsForAuthorizationServer", id_field="client_id"),
    _tokens.listing("listRefreshTokensForAuthorizationServerAndClient", page_limit=200),
    _tokens.delete("revokeRefreshTokensForAuthorizationServerAndClient"),
    _tokens.get("getRefreshTokenForAuthorizationServerAndClient", "/{tokenId}"),
    _tokens.delete("revokeRefreshTokenForAuthorizationServerAndClient", "/{tokenId}"),
)
