"""Signing keys of apps, requests for certificates, and SAML metadata."""

from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.sandbox.app_bodies import bookmark, oidc, saml
from tests.sandbox.caller import Answer, Caller

APPS = "/api/v1/apps"
METADATA = {
    "subject": {"countryName": "CA", "organizationName": "Acme", "commonName": "SP"},
    "subjectAltNames": {"dnsNames": ["sp.example.com"]},
}

Sign = Callable[..., x509.Certificate]


@pytest.fixture
def app(manager: Caller) -> str:
    """The path of a SAML app."""
    return f"{APPS}/{manager.send('POST', APPS, saml()).json()['id']}"


@pytest.fixture(scope="module")
def authority() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65_537, key_size=2048)


@pytest.fixture
def sign(authority: RSAPrivateKey, clock: Any) -> Sign:
    """Signs a request as an authority would, for so many days."""

    def sign(csr: str, *, days: int = 365, key: Any = None) -> x509.Certificate:
        request = x509.load_der_x509_csr(b64decode(csr))
        began = datetime.fromtimestamp(clock(), tz=UTC)
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Authority")])
        unsigned = (
            x509.CertificateBuilder(issuer, request.subject)
            .public_key(key or request.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(began)
            .not_valid_after(began + timedelta(days=days))
        )
        return unsigned.sign(authority, SHA256())

    return sign


def cause(answer: Answer) -> str:
    assert (answer.status, answer.json()["errorCode"]) == (400, "E0000001")
    return str(answer.json()["errorCauses"][0]["errorSummary"])


def publish(manager: Caller, path: str, body: bytes, kind: str, **headers: str) -> Answer:
    return manager.call(
        "POST", f"{path}/lifecycle/publish", body=body, content_type=kind, **headers
    )


def test_a_new_app_signs_with_the_certificate_of_the_org(manager: Caller, app: str) -> None:
    other = manager.send("POST", APPS, oidc()).json()["id"]

    (key,) = manager.get(f"{app}/credentials/keys").json()

    certificate = x509.load_der_x509_certificate(b64decode(key["x5c"][0]))
    assert certificate.public_key().key_size == 2048
    assert manager.get(app).json()["credentials"]["signing"]["kid"] == key["kid"]
    assert manager.get(f"{APPS}/{other}/credentials/keys").json() == [key]
    assert {"status", "alg"}.isdisjoint(key)


@pytest.mark.parametrize("years", [2, 10])
def test_a_key_is_generated_for_some_years(manager: Caller, app: str, years: int) -> None:
    answer = manager.send("POST", f"{app}/credentials/keys/generate?validityYears={years}")

    key = answer.json()
    assert (answer.status, len(key["kid"]), key["expiresAt"][:4]) == (201, 43, str(2026 + years))
    assert answer.headers["location"].endswith(f"{app}/credentials/keys/{key['kid']}")
    assert manager.get(f"{app}/credentials/keys/{key['kid']}").json() == key
    assert len(manager.get(f"{app}/credentials/keys").json()) == 2


@pytest.mark.parametrize("query", ["", "?validityYears=1", "?validityYears=11", "?validityYears=x"])
def test_years_are_two_to_ten(manager: Caller, app: str, query: str) -> None:
    answer = manager.send("POST", f"{app}/credentials/keys/generate{query}")

    assert cause(answer) == "Validity years out of range. It should be 2 - 10 years."


def test_a_key_is_shared_with_another_app_once(manager: Caller, app: str) -> None:
    key = manager.send("POST", f"{app}/credentials/keys/generate?validityYears=2").json()
    other = manager.send("POST", APPS, bookmark()).json()["id"]
    path = f"{app}/credentials/keys/{key['kid']}/clone?targetAid={other}"

    first, second = manager.send("POST", path), manager.send("POST", path)

    assert (first.status, first.json()) == (201, key)
    assert first.headers["location"].endswith(f"{APPS}/{other}/credentials/keys/{key['kid']}")
    assert manager.get(f"{APPS}/{other}/credentials/keys").json() == [key]
    assert cause(second).startswith("Key already exists")


def test_a_key_needs_an_app_to_go_to(manager: Caller, app: str) -> None:
    (key,) = manager.get(f"{app}/credentials/keys").json()
    path = f"{app}/credentials/keys/{key['kid']}/clone"

    assert manager.send("POST", path).status == 400
    assert manager.send("POST", f"{path}?targetAid=0oaGone").status == 404


def test_a_request_names_its_subject_and_is_listed(manager: Caller, app: str) -> None:
    answer = manager.send("POST", f"{app}/credentials/csrs", METADATA)

    csr = answer.json()
    request = x509.load_der_x509_csr(b64decode(csr["csr"]))
    names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert (answer.status, len(csr["id"]), csr["kty"]) == (201, 43, "RSA")
    assert answer.headers["location"] == csr["_links"]["self"]["href"]
    assert [part.value for part in request.subject] == ["CA", "Acme", "SP"]
    assert names.get_values_for_type(x509.DNSName) == ["sp.example.com"]
    assert request.is_signature_valid
    assert manager.get(f"{app}/credentials/csrs").json() == [csr]
    assert len(manager.get(f"{app}/credentials/keys").json()) == 1


@pytest.mark.filterwarnings("ignore:Attribute's length")
def test_a_country_may_be_a_word(manager: Caller, app: str) -> None:
    subject = {"subject": {"countryName": "Canada"}}

    csr = manager.send("POST", f"{app}/credentials/csrs", subject).json()["csr"]

    assert [part.value for part in x509.load_der_x509_csr(b64decode(csr)).subject] == ["Canada"]


def test_two_requests_have_two_keys(manager: Caller, app: str) -> None:
    first, second = (
        x509.load_der_x509_csr(
            b64decode(manager.send("POST", f"{app}/credentials/csrs", METADATA).json()["csr"])
        )
        for _ in range(2)
    )

    assert first.public_key() != second.public_key()


def test_a_request_is_read_as_json_or_bare(manager: Caller, app: str) -> None:
    csr = manager.send("POST", f"{app}/credentials/csrs", METADATA).json()
    path = f"{app}/credentials/csrs/{csr['id']}"

    bare = manager.get(path, accept="application/pkcs10")

    assert manager.get(path).json() == csr
    assert bare.headers["content-type"] == "application/pkcs10; filename=okta.p10"
    assert bare.headers["content-transfer-encoding"] == "base64"
    assert bare.body.decode() == csr["csr"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"subject": []},
        {"subject": {"commonName": 1}},
        {"subjectAltNames": {"dnsNames": ["bücher.example"]}},
        {"subjectAltNames": {"dnsNames": "sp.example.com"}},
    ],
)
def test_a_request_for_nobody_is_refused(manager: Caller, app: str, metadata: object) -> None:
    assert manager.send("POST", f"{app}/credentials/csrs", metadata).status == 400


def test_a_revoked_request_is_gone(manager: Caller, app: str) -> None:
    csr = manager.send("POST", f"{app}/credentials/csrs", METADATA).json()
    path = f"{app}/credentials/csrs/{csr['id']}"

    assert manager.send("DELETE", path).status == 204
    assert manager.send("DELETE", path).json()["errorSummary"].endswith(f"{csr['id']} (Csr)")


@pytest.mark.parametrize(
    ("kind", "encoding"),
    [
        ("application/x-pem-file", Encoding.PEM),
        ("application/x-x509-ca-cert", Encoding.DER),
        ("application/pkix-cert", Encoding.DER),
    ],
)
def test_a_signed_request_becomes_a_key(
    manager: Caller, app: str, sign: Sign, kind: str, encoding: Encoding
) -> None:
    csr = manager.send("POST", f"{app}/credentials/csrs", METADATA).json()
    certificate = sign(csr["csr"])
    path = f"{app}/credentials/csrs/{csr['id']}"

    answer = publish(manager, path, certificate.public_bytes(encoding), kind)

    key = answer.json()
    assert answer.status == 201
    assert b64decode(key["x5c"][0]) == certificate.public_bytes(Encoding.DER)
    assert key in manager.get(f"{app}/credentials/keys").json()
    assert manager.get(path).status == 404
    assert manager.get(f"{app}/credentials/csrs").json() == []


def test_a_certificate_may_come_in_base64(manager: Caller, app: str, sign: Sign) -> None:
    csr = manager.send("POST", f"{app}/credentials/csrs", METADATA).json()
    body = b64encode(sign(csr["csr"]).public_bytes(Encoding.DER))
    path = f"{app}/credentials/csrs/{csr['id']}"

    answer = publish(
        manager, path, body, "application/pkix-cert", content_transfer_encoding="base64"
    )

    assert answer.status == 201


def test_a_certificate_must_be_for_this_request_and_last(
    manager: Caller, app: str, sign: Sign, authority: RSAPrivateKey
) -> None:
    csr = manager.send("POST", f"{app}/credentials/csrs", METADATA).json()
    path, kind = f"{app}/credentials/csrs/{csr['id']}", "application/pkix-cert"
    foreign = sign(csr["csr"], key=authority.public_key()).public_bytes(Encoding.DER)
    short = sign(csr["csr"], days=90).public_bytes(Encoding.DER)

    assert cause(publish(manager, path, foreign, kind)) == (
        "The certificate doesn't match the CSR."
    )
    assert cause(publish(manager, path, short, kind)) == (
        "The certificate must be valid for more than 90 days."
    )
    assert manager.get(path).status == 200


@pytest.mark.parametrize("body", [b"", b"junk", b"-----BEGIN CERTIFICATE-----\n"])
def test_what_is_no_certificate_is_refused(manager: Caller, app: str, body: bytes) -> None:
    csr = manager.send("POST", f"{app}/credentials/csrs", METADATA).json()

    for kind in ("application/x-pem-file", "application/pkix-cert"):
        answer = publish(manager, f"{app}/credentials/csrs/{csr['id']}", body, kind)

        assert answer.status == 400


def test_a_certificate_of_an_unknown_version_is_refused(
    manager: Caller, app: str, sign: Sign
) -> None:
    csr = manager.send("POST", f"{app}/credentials/csrs", METADATA).json()
    third = sign(csr["csr"]).public_bytes(Encoding.DER)
    sixth = third.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05", 1)

    answer = publish(manager, f"{app}/credentials/csrs/{csr['id']}", sixth, "application/pkix-cert")

    assert (answer.status, cause(answer)) == (400, "The certificate is not valid.")


def test_certificates_are_named_after_the_org_however_long_its_host(sandbox: Sandbox) -> None:
    org = sandbox.add_org(f"{'a' * 57}.okta-emea.com", apps=1)

    (key,) = org.list("signing_key")

    certificate = x509.load_der_x509_certificate(b64decode(key["x5c"][0]))
    assert certificate.subject.rfc4514_string() == f"CN={'a' * 57},OU=SSOProvider"


def test_metadata_shows_the_certificate_of_a_key(manager: Caller, app: str) -> None:
    (key,) = manager.get(f"{app}/credentials/keys").json()

    answer = manager.get(f"{app}/sso/saml/metadata?kid={key['kid']}", accept="application/xml")

    document = ElementTree.fromstring(answer.body)  # noqa: S314 - written by the sandbox itself
    shown = document.findtext(".//{http://www.w3.org/2000/09/xmldsig#}X509Certificate") or ""
    assert answer.headers["content-type"] == "application/xml;charset=ISO-8859-1"
    assert answer.body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>')
    assert shown.replace("\n", "") == key["x5c"][0]
    assert document.get("entityID", "").startswith("http://www.okta.com/exk")


def test_metadata_quotes_what_an_admin_wrote(manager: Caller) -> None:
    awkward = "<\"Zürich\" & 'Genève'>"
    body = saml(idpIssuer=awkward, subjectNameIdFormat=awkward)
    app = manager.send("POST", APPS, body).json()
    path, kid = f"{APPS}/{app['id']}", app["credentials"]["signing"]["kid"]

    answer = manager.get(f"{path}/sso/saml/metadata?kid={kid}")

    document = ElementTree.fromstring(answer.body)  # noqa: S314 - written by the sandbox itself
    assert document.get("entityID") == awkward


def test_metadata_needs_a_key_of_a_saml_app(manager: Caller, app: str, org: Org) -> None:
    other = f"{APPS}/{manager.send('POST', APPS, oidc()).json()['id']}"
    kid = org.list("signing_key")[0]["kid"]

    assert manager.get(f"{app}/sso/saml/metadata").status == 400
    assert manager.get(f"{app}/sso/saml/metadata?kid=other").status == 404
    assert manager.get(f"{other}/sso/saml/metadata?kid={kid}").status == 404
