"""An app's certificates: signing requests, what became of them, and keys made by Okta."""

from cryptography.hazmat.primitives.serialization import Encoding

from tests.conformance.guide import Guide
from tests.conformance.tour.bodies import NOBODY, certify, other_certificate, saml_app

PEM = "application/x-pem-file"
DER = "application/pkix-cert"
CER = "application/x-x509-ca-cert"
PKCS10 = "application/pkcs10"


def tour(guide: Guide) -> None:
    app_id = guide.ask("createApplication", body=saml_app("Signs with certificates"))["id"]
    _publish_requests(guide, app_id)
    _generate_keys(guide, app_id)


def _publish_requests(guide: Guide, app_id: str) -> None:
    for media_type, encoding in ((PEM, Encoding.PEM), (DER, Encoding.DER), (CER, Encoding.DER)):
        csr = _request(guide, app_id)
        certificate = certify(csr["csr"]).public_bytes(encoding)
        path = ("publishCsrFromApplication", app_id, csr["id"])
        guide.ask(*path, body=certificate, sent_as=media_type)
        guide.expect((404, "E0000007"), "getCsrForApplication", app_id, csr["id"])
    csr = _request(guide, app_id)
    _read_request(guide, app_id, csr["id"])
    _be_refused(guide, app_id, csr)
    guide.ask("revokeCsrFromApplication", app_id, csr["id"])


def _request(guide: Guide, app_id: str) -> dict[str, str]:
    subject = {
        "countryName": "DE",
        "stateOrProvinceName": "Hessen",
        "localityName": "Frankfurt",
        "organizationName": "Example",
        "commonName": "app.example.com",
    }
    body = {"subject": subject, "subjectAltNames": {"dnsNames": ["app.example.com"]}}
    made: dict[str, str] = guide.ask("generateCsrForApplication", app_id, body=body, accept=JSON)
    return made


JSON = "application/json"


def _read_request(guide: Guide, app_id: str, csr_id: str) -> None:
    guide.ask("listCsrsForApplication", app_id)
    guide.ask("getCsrForApplication", app_id, csr_id, accept=JSON)
    guide.ask("getCsrForApplication", app_id, csr_id, accept=PKCS10)


def _be_refused(guide: Guide, app_id: str, csr: dict[str, str]) -> None:
    publish = ("publishCsrFromApplication", app_id, csr["id"])
    for wrong in (
        other_certificate().public_bytes(Encoding.DER),
        certify(csr["csr"], days=60).public_bytes(Encoding.DER),
        b"no certificate",
    ):
        guide.expect((400, "E0000001"), *publish, body=wrong, sent_as=DER)
    guide.expect((404, "E0000007"), "getCsrForApplication", app_id, NOBODY, accept=JSON)


def _generate_keys(guide: Guide, app_id: str) -> None:
    key = guide.ask("generateApplicationKey", app_id, query={"validityYears": "2"})
    guide.ask("listApplicationKeys", app_id)
    guide.ask("getApplicationKey", app_id, key["kid"])
    other_id = guide.ask("createApplication", body=saml_app("Shares a certificate"))["id"]
    clone = ("cloneApplicationKey", app_id, key["kid"])
    guide.ask(*clone, query={"targetAid": other_id})
    guide.expect((400, "E0000001"), *clone, query={"targetAid": other_id})
    years = {"validityYears": "11"}
    guide.expect((400, "E0000001"), "generateApplicationKey", app_id, query=years)
    guide.expect((404, "E0000007"), "getApplicationKey", app_id, NOBODY)
