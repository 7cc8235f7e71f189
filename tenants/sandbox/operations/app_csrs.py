"""Certificate signing requests of an app, from the new key to the published certificate."""

import warnings
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.certificates import new_private_key, show_certificate
from tenants.sandbox.links import link
from tenants.sandbox.operations.app_keys import add_key
from tenants.sandbox.operations.reads import listing
from tenants.sandbox.operations.shapes import merge
from tenants.sandbox.operations.writes import find, invalid, now, removal
from tenants.sandbox.replies import Headers, Reply, json_reply
from tenants.sandbox.requests import media_type
from tenants.sandbox.resolve import resolve
from tenants.sandbox.store import Body

_SUBJECT = {
    "countryName": NameOID.COUNTRY_NAME,
    "stateOrProvinceName": NameOID.STATE_OR_PROVINCE_NAME,
    "localityName": NameOID.LOCALITY_NAME,
    "organizationName": NameOID.ORGANIZATION_NAME,
    "organizationalUnitName": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "commonName": NameOID.COMMON_NAME,
}
_METADATA: Body = {
    "subject": dict.fromkeys(_SUBJECT, str),
    "subjectAltNames": {"dnsNames": [str]},
}
_SHORTEST_VALIDITY = timedelta(days=90)

_PKCS10 = "application/pkcs10"


def _generate(call: Call) -> Reply:
    (app_id,) = resolve(call.org, ("app",), call.ids)
    request = _build_request(call.json_object())
    okta_id = call.org.ids.make_kid()
    here = f"https://{call.org.host}/api/v1/apps/{app_id}/credentials/csrs/{okta_id}"
    csr = {
        "id": okta_id,
        "created": now(call.org),
        "csr": b64encode(request.public_bytes(Encoding.DER)).decode(),
        "kty": "RSA",
        "_links": {
            "publish": link(f"{here}/lifecycle/publish", "POST"),
            "self": link(here, "GET", "DELETE"),
        },
    }
    call.org.put("app_csr", csr, app_id)
    return _show(call, csr, 201, [("location", here)])


def _build_request(metadata: Body) -> x509.CertificateSigningRequest:
    subject, names = _read_metadata(metadata)
    try:
        request = x509.CertificateSigningRequestBuilder(x509.Name(subject))
        if names:
            alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
            request = request.add_extension(alternatives, critical=False)
        return request.sign(new_private_key(), SHA256())
    except ValueError:
        raise invalid("csr", "The subject of the CSR is not valid.") from None


def _read_metadata(metadata: Body) -> tuple[list[x509.NameAttribute[str]], list[str]]:
    """Names of the subject, and its domain names.

    Recorded was a country that is a word, where X.520 has two letters: lengths are not looked at,
    and the library is kept from complaining about them.
    """
    read = merge(_METADATA, {"subject": {}, "subjectAltNames": {"dnsNames": []}}, metadata)
    subject: Body = read["subject"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        names = [
            x509.NameAttribute(oid, subject[field], _validate=False)
            for field, oid in _SUBJECT.items()
            if subject.get(field)
        ]
    return names, read["subjectAltNames"].get("dnsNames", [])


def _get(call: Call) -> Reply:
    _, csr = find(call, "app_csr")
    return _show(call, csr, 200, [])


def _show(call: Call, csr: Body, status: int, headers: Headers) -> Reply:
    """As JSON, or the bare request for those who accept nothing but that or name it first."""
    wanted = [media_type(part) for part in call.request.headers.get("accept", "*/*").split(",")]
    chosen = next(
        answer
        for pattern in wanted
        for answer in call.operation.answers
        if fnmatchcase(answer, pattern)
    )
    if chosen != _PKCS10:
        return json_reply(csr, status, headers)
    kind = [("content-type", f"{_PKCS10}; filename=okta.p10")]
    encoding = [("content-transfer-encoding", "base64")]
    return Reply(status, csr["csr"].encode(), [*kind, *encoding, *headers])


def _publish(call: Call) -> Reply:
    """Trade a request for a key credential, once somebody signed it."""
    (app_id,), csr = find(call, "app_csr")
    try:
        certificate = _read_certificate(call)
        matches = _same_key(certificate, csr["csr"])
        ends = certificate.not_valid_after_utc
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        raise invalid("certificate", "The certificate is not valid.") from None
    if not matches:
        raise invalid("certificate", "The certificate doesn't match the CSR.")
    if ends - datetime.fromtimestamp(call.org.clock(), tz=UTC) <= _SHORTEST_VALIDITY:
        raise invalid("certificate", "The certificate must be valid for more than 90 days.")
    call.org.remove("app_csr", csr["id"], app_id)
    der = certificate.public_bytes(Encoding.DER)
    return add_key(call, app_id, show_certificate(der, call.org.ids.make_kid(), now(call.org)))


def _read_certificate(call: Call) -> x509.Certificate:
    """PEM or DER, as the media type says; both may come in Base64 over that."""
    headers, body = call.request.headers, call.request.body
    if headers.get("content-transfer-encoding", "").lower() == "base64":
        body = b64decode(body)
    if media_type(headers.get("content-type", "")) == "application/x-pem-file":
        return x509.load_pem_x509_certificate(body)
    return x509.load_der_x509_certificate(body)


def _same_key(certificate: x509.Certificate, csr: str) -> bool:
    request = x509.load_der_x509_csr(b64decode(csr))
    ours, theirs = (
        key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        for key in (request.public_key(), certificate.public_key())
    )
    return ours == theirs


HANDLERS: Mapping[str, Handler] = {
    "listCsrsForApplication": listing("app_csr"),
    "generateCsrForApplication": _generate,
    "getCsrForApplication": _get,
    "revokeCsrFromApplication": removal("app_csr"),
    "publishCsrFromApplication": _publish,
}
