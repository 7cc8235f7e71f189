"""What an app's client proves itself with: client secrets and public keys."""

from tests.conformance.guide import Guide
from tests.conformance.tour.bodies import NOBODY, ec_key, rsa_key, service_app, web_app


def tour(guide: Guide) -> None:
    _rotate_a_secret(guide)
    _rotate_keys(guide)


def _rotate_a_secret(guide: Guide) -> None:
    app_id = guide.ask("createApplication", body=web_app("Rotates its secret"))["id"]
    (old,) = guide.ask("listOAuth2ClientSecrets", app_id)
    last = ("deactivateOAuth2ClientSecret", app_id, old["id"])
    guide.expect((400, "E0000001"), *last)
    new = guide.ask("createOAuth2ClientSecret", app_id)
    guide.expect((400, "E0000001"), "createOAuth2ClientSecret", app_id)
    guide.ask("getOAuth2ClientSecret", app_id, new["id"])
    guide.expect((400, "E0000001"), "deleteOAuth2ClientSecret", app_id, old["id"])
    guide.ask("deactivateOAuth2ClientSecret", app_id, old["id"])
    guide.ask("activateOAuth2ClientSecret", app_id, old["id"])
    guide.ask("deactivateOAuth2ClientSecret", app_id, old["id"])
    guide.ask("listOAuth2ClientSecrets", app_id)
    guide.ask("deleteOAuth2ClientSecret", app_id, old["id"])
    own = {"client_secret": "a-secret-of-ones-own-choosing-0001", "status": "INACTIVE"}
    guide.ask("createOAuth2ClientSecret", app_id, body=own)
    guide.expect((404, "E0000007"), "getOAuth2ClientSecret", app_id, NOBODY)


def _rotate_keys(guide: Guide) -> None:
    own = rsa_key("first", use="sig", alg="RS256", status="ACTIVE")
    app_id = guide.ask("createApplication", body=service_app("Rotates its keys", own))["id"]
    (first,) = guide.ask("listJwk", app_id)
    second = guide.ask("addJwk", app_id, body=rsa_key("second", use="sig", status="ACTIVE"))
    guide.ask("addJwk", app_id, body=ec_key("third", use="sig", status="INACTIVE"))
    guide.ask("addJwk", app_id, body=rsa_key("fourth", use="enc", status="ACTIVE"))
    guide.ask("listJwk", app_id)
    guide.ask("getJwk", app_id, second["id"])
    guide.expect((400, "E0000001"), "deletejwk", app_id, first["id"])
    guide.ask("deactivateOAuth2ClientJsonWebKey", app_id, first["id"])
    guide.ask("activateOAuth2ClientJsonWebKey", app_id, first["id"])
    guide.ask("deactivateOAuth2ClientJsonWebKey", app_id, first["id"])
    guide.expect((400, "E0000001"), "deactivateOAuth2ClientJsonWebKey", app_id, second["id"])
    guide.ask("deletejwk", app_id, first["id"])
    again = rsa_key("second", use="sig", status="ACTIVE")
    guide.expect((400, "E0000001"), "addJwk", app_id, body=again)
    guide.expect((404, "E0000007"), "getJwk", app_id, NOBODY)
