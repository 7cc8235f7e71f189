"""Every mistake with keys and secrets of which Okta documents what it says to it."""

from cryptography.hazmat.primitives.serialization import Encoding

from tests.conformance.guide import Guide
from tests.conformance.tour.bodies import (
    Body,
    catalog_app,
    certify,
    other_certificate,
    rsa_key,
    saml_app,
    service_app,
    web_app,
)

REFUSED = (400, "E0000001")
DER = "application/pkix-cert"
JWK, SERVER_KEY = "OAuth2ClientJsonWebKey", "OAuth2ResourceServerJsonWebKey"


def tour(guide: Guide) -> None:
    _with_features(guide)
    _with_certificates(guide)
    _with_secrets(guide)
    _with_kids(guide)
    _with_too_many_keys(guide)
    _with_needed_keys(guide)
    _with_keys_of_a_server(guide)


def _make(guide: Guide, app: Body) -> str:
    made: str = guide.ask("createApplication", body=app)["id"]
    return made


def _with_features(guide: Guide) -> None:
    app_id = _make(guide, catalog_app("zscalerbyz", siteDomain="example"))
    guide.expect(REFUSED, "listFeaturesForApplication", app_id)


def _with_certificates(guide: Guide) -> None:
    app_id, other_id = (_make(guide, saml_app(f"Errs with keys {one}")) for one in (1, 2))
    csr = guide.ask("generateCsrForApplication", app_id, body={}, accept="application/json")
    for wrong in (other_certificate(), certify(csr["csr"], days=60)):
        body = wrong.public_bytes(Encoding.DER)
        path = ("publishCsrFromApplication", app_id, csr["id"])
        guide.expect(REFUSED, *path, body=body, sent_as=DER)
    guide.expect(REFUSED, "generateApplicationKey", app_id, query={"validityYears": "1"})
    (key,) = guide.ask("listApplicationKeys", app_id)
    path = ("cloneApplicationKey", app_id, key["kid"])
    guide.expect(REFUSED, *path, query={"targetAid": other_id})


def _with_secrets(guide: Guide) -> None:
    app_id = _make(guide, web_app("Errs with secrets"))
    (secret,) = guide.ask("listOAuth2ClientSecrets", app_id)
    for wrong in ("x" * 101, "x" * 13, "not ASCII: \u00e4\u00f6\u00fc"):
        _refuse_secret(guide, app_id, wrong)
    guide.expect(REFUSED, "deactivateOAuth2ClientSecret", app_id, secret["id"])
    guide.expect(REFUSED, "deleteOAuth2ClientSecret", app_id, secret["id"])
    guide.ask("createOAuth2ClientSecret", app_id)
    guide.expect(REFUSED, "createOAuth2ClientSecret", app_id)
    signing = web_app("Signs with its secret", token_endpoint_auth_method="client_secret_jwt")
    _refuse_secret(guide, _make(guide, signing), "x" * 31)
    _refuse_secret(guide, _make(guide, service_app("Has none", _signing_key("one"))), "x" * 40)


def _refuse_secret(guide: Guide, app_id: str, secret: str) -> None:
    body = {"client_secret": secret}
    guide.expect(REFUSED, "createOAuth2ClientSecret", app_id, body=body)


def _with_kids(guide: Guide) -> None:
    app_id = _make(guide, web_app("Errs with kids"))
    nameless = {name: value for name, value in rsa_key("any").items() if name != "kid"}
    kept = guide.ask("addJwk", app_id, body={**nameless, "use": "sig"})
    guide.expect(REFUSED, "addJwk", app_id, body=_signing_key("second"))
    guide.expect(REFUSED, "deletejwk", app_id, kept["id"])
    guide.expect(REFUSED, "addJwk", app_id, body={**nameless, "n": "AQAB"})


def _with_too_many_keys(guide: Guide) -> None:
    app_id = _make(guide, service_app("Errs in number", _signing_key("key 0")))
    guide.expect(REFUSED, "addJwk", app_id, body=_signing_key("key 0"))
    for number in range(1, 50):
        guide.ask("addJwk", app_id, body=_signing_key(f"key {number}"))
    guide.expect(REFUSED, "addJwk", app_id, body=_signing_key("key 50"))


def _with_needed_keys(guide: Guide) -> None:
    only = _make(guide, service_app("Needs its key", _signing_key("only")))
    _refuse_deactivation(guide, only)
    encrypted = _make(guide, web_app("Needs its encryption key"))
    guide.ask("addJwk", encrypted, body=rsa_key("first", use="enc"))
    guide.expect(REFUSED, "addJwk", encrypted, body=rsa_key("second", use="enc"))
    _refuse_deactivation(guide, encrypted)
    requests = web_app("Needs its key for requests")
    requests["settings"]["oauthClient"] |= {
        "request_object_signing_alg": "RS256",
        "jwks": {"keys": [_signing_key("signs")]},
    }
    _refuse_deactivation(guide, _make(guide, requests))


def _refuse_deactivation(guide: Guide, app_id: str) -> None:
    (key,) = guide.ask("listJwk", app_id)
    guide.expect(REFUSED, f"deactivate{JWK}", app_id, key["id"])


def _with_keys_of_a_server(guide: Guide) -> None:
    server = {
        "name": "Errs with keys",
        "audiences": ["https://api.example.com/mistakes"],
        "accessTokenEncryptedResponseAlgorithm": "RSA-OAEP-256",
    }
    server_id = guide.ask("createAuthorizationServer", body=server)["id"]
    guide.expect(REFUSED, "rotateAuthorizationServerKeys", server_id, body={"use": "enc"})
    first = _server_key(0)
    added = guide.ask(f"add{SERVER_KEY}", server_id, body=first)
    for wrong in (first, {**first, "n": "AQAB"}, {**_server_key(1), "status": "ACTIVE"}):
        guide.expect(REFUSED, f"add{SERVER_KEY}", server_id, body=wrong)
    for number in range(1, 5):
        guide.ask(f"add{SERVER_KEY}", server_id, body=_server_key(number))
    guide.expect(REFUSED, f"add{SERVER_KEY}", server_id, body=_server_key(5))
    guide.ask(f"activate{SERVER_KEY}", server_id, added["id"])
    for change in ("delete", "deactivate"):
        guide.expect(REFUSED, f"{change}{SERVER_KEY}", server_id, added["id"])


def _signing_key(kid: str) -> Body:
    return rsa_key(kid, use="sig", alg="RS256", status="ACTIVE")


def _server_key(number: int) -> Body:
    return rsa_key(f"key {number}", use="enc", status="INACTIVE")
