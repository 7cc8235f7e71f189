"""Authorization servers, whom they trust, and the clients and tokens they have."""

from tests.conformance.guide import Guide
from tests.conformance.tour.bodies import NOBODY


def tour(guide: Guide) -> None:
    server = guide.ask("createAuthorizationServer", body=_server("Orders, second try"))
    _read(guide, server["id"])
    _change(guide, server["id"])
    _trust_another(guide, server["id"])
    _look_at_tokens(guide)
    guide.ask("deleteAuthorizationServer", server["id"])
    guide.expect((404, "E0000007"), "getAuthorizationServer", server["id"])
    guide.expect((400, "E0000001"), "createAuthorizationServer", body={"description": "nameless"})
    guide.expect((403, "E0000006"), "deleteAuthorizationServer", _default(guide))


def _server(name: str) -> dict[str, object]:
    return {
        "name": name,
        "description": "What a tour makes",
        "audiences": ["https://api.example.com/tour"],
    }


def _default(guide: Guide) -> str:
    server: str = guide.ask("getAuthorizationServer", "default")["id"]
    return server


def _read(guide: Guide, server_id: str) -> None:
    guide.ask("listAuthorizationServers")
    guide.ask("listAuthorizationServers", query={"limit": "1"})
    guide.ask("listAuthorizationServers", query={"q": "orders"})
    guide.ask("getAuthorizationServer", server_id)


def _change(guide: Guide, server_id: str) -> None:
    guide.ask("replaceAuthorizationServer", server_id, body=_server("Orders, renamed"))
    guide.ask("deactivateAuthorizationServer", server_id)
    guide.ask("getAuthorizationServer", server_id)
    guide.ask("activateAuthorizationServer", server_id)


def _trust_another(guide: Guide, server_id: str) -> None:
    other = guide.ask("createAuthorizationServer", body=_server("Trusted by orders"))["id"]
    guide.ask("createAssociatedServers", server_id, body={"trusted": [other]})
    guide.ask("listAssociatedServersByTrustedType", server_id, query={"trusted": "true"})
    guide.ask("listAssociatedServersByTrustedType", server_id, query={"trusted": "false"})
    guide.ask("deleteAssociatedServer", server_id, other)
    unknown = {"trusted": [NOBODY]}
    guide.expect((404, "E0000007"), "createAssociatedServers", server_id, body=unknown)
    guide.ask("deleteAuthorizationServer", other)


def _look_at_tokens(guide: Guide) -> None:
    server_id = _default(guide)
    clients = guide.ask("listOAuth2ClientsForAuthorizationServer", server_id)
    path = (server_id, clients[0]["client_id"])
    tokens = guide.ask("listRefreshTokensForAuthorizationServerAndClient", *path)
    expanded = {"expand": "scope", "limit": "20"}
    guide.ask("listRefreshTokensForAuthorizationServerAndClient", *path, query=expanded)
    guide.ask("getRefreshTokenForAuthorizationServerAndClient", *path, tokens[0]["id"])
    guide.ask("revokeRefreshTokenForAuthorizationServerAndClient", *path, tokens[0]["id"])
    gone = ("getRefreshTokenForAuthorizationServerAndClient", *path, tokens[0]["id"])
    guide.expect((404, "E0000007"), *gone)
    guide.ask("revokeRefreshTokensForAuthorizationServerAndClient", *path)
    guide.ask("listRefreshTokensForAuthorizationServerAndClient", *path)
