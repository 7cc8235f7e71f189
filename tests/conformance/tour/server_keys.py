"""Keys of a server: those it signs with, and those it encrypts tokens for."""

from tests.conformance.guide import Guide
from tests.conformance.tour.bodies import NOBODY, rsa_key

KEY = "OAuth2ResourceServerJsonWebKey"


def tour(guide: Guide) -> None:
    server = {"name": "With keys", "audiences": ["https://api.example.com/keys"]}
    server_id = guide.ask("createAuthorizationServer", body=server)["id"]
    _rotate(guide, server_id)
    _encrypt(guide, server_id)


def _rotate(guide: Guide, server_id: str) -> None:
    (key, *_) = guide.ask("listAuthorizationServerKeys", server_id)
    guide.ask("getAuthorizationServerKey", server_id, key["kid"])
    guide.ask("rotateAuthorizationServerKeys", server_id, body={"use": "sig"})
    guide.ask("listAuthorizationServerKeys", server_id)
    guide.expect((400, "E0000001"), "rotateAuthorizationServerKeys", server_id, body={"use": "enc"})
    guide.expect((404, "E0000007"), "getAuthorizationServerKey", server_id, NOBODY)


def _encrypt(guide: Guide, server_id: str) -> None:
    first = guide.ask(f"add{KEY}", server_id, body=_key("one"))
    second = guide.ask(f"add{KEY}", server_id, body=_key("two"))
    guide.ask(f"list{KEY}s", server_id)
    guide.ask(f"get{KEY}", server_id, first["id"])
    guide.ask(f"activate{KEY}", server_id, first["id"])
    guide.expect((400, "E0000001"), f"delete{KEY}", server_id, first["id"])
    guide.ask(f"activate{KEY}", server_id, second["id"])
    guide.ask(f"list{KEY}s", server_id)
    guide.ask(f"deactivate{KEY}", server_id, second["id"])
    guide.ask(f"delete{KEY}", server_id, first["id"])
    guide.expect((400, "E0000001"), f"add{KEY}", server_id, body=_key("two"))
    guide.expect((404, "E0000007"), f"get{KEY}", server_id, NOBODY)


def _key(kid: str) -> dict[str, object]:
    return rsa_key(kid, use="enc", status="INACTIVE")
