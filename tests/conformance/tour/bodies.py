"""Bodies that more than one story sends, and the keys and pictures in them."""

import zlib
from base64 import b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from struct import pack
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

Body = dict[str, Any]

#: An id of the right shape that no org has given out.
NOBODY = "0oaNoSuchObjectHere0"


def web_app(label: str, **oauth_client: Any) -> Body:
    return {
        "name": "oidc_client",
        "label": label,
        "signOnMode": "OPENID_CONNECT",
        "credentials": {
            "oauthClient": {
                "autoKeyRotation": True,
                "token_endpoint_auth_method": "client_secret_basic",
                **oauth_client,
            }
        },
        "settings": {
            "oauthClient": {
                "application_type": "web",
                "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"],
                "redirect_uris": ["https://app.example.com/callback"],
            }
        },
    }


def service_app(label: str, *keys: Body) -> Body:
    app = web_app(label, token_endpoint_auth_method="private_key_jwt")
    app["settings"]["oauthClient"] = {
        "application_type": "service",
        "grant_types": ["client_credentials"],
        "response_types": ["token"],
        "jwks": {"keys": list(keys)},
    }
    return app


def catalog_app(name: str, **settings: str) -> Body:
    """An app that Okta knows, which needs few settings of its own."""
    app = saml_app(f"From the catalog: {name}")
    return {**app, "name": name, "settings": {**app["settings"], "app": settings}}


def saml_app(label: str) -> Body:
    acs = "https://app.example.com/saml/acs"
    return {
        "label": label,
        "signOnMode": "SAML_2_0",
        "settings": {
            "signOn": {
                "ssoAcsUrl": acs,
                "recipient": acs,
                "destination": acs,
                "audience": "https://app.example.com/saml",
                "idpIssuer": "http://www.okta.com/${org.externalKey}",
                "subjectNameIdTemplate": "${user.userName}",
                "subjectNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
                "responseSigned": True,
                "assertionSigned": True,
                "signatureAlgorithm": "RSA_SHA256",
                "digestAlgorithm": "SHA256",
                "honorForceAuthn": True,
                "requestCompressed": False,
                "allowMultipleAcsEndpoints": False,
                "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password",
            }
        },
    }


def rsa_key(kid: str, **stated: Any) -> Body:
    """A public key as JWK, with 2,048 bits."""
    numbers = _rsa().public_key().public_numbers()
    modulus = numbers.n ^ int.from_bytes(kid.encode()) << 64  # keys that differ, for one's price
    return {"kty": "RSA", "kid": kid, "e": "AQAB", "n": _number(modulus, 256), **stated}


def ec_key(kid: str, **stated: Any) -> Body:
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = _number(numbers.x, 32), _number(numbers.y, 32)
    return {"kty": "EC", "kid": kid, "x": x, "y": y, **stated}


def certify(csr: str, *, days: int = 400) -> x509.Certificate:
    """What an authority makes of a certificate signing request, base64 of its DER."""
    request = x509.load_der_x509_csr(b64decode(csr))
    return _certificate(request.public_key(), request.subject, days)


def other_certificate() -> x509.Certificate:
    """For a key that nobody asked a certificate for."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "somebody else")])
    return _certificate(_rsa().public_key(), name, 400)


def png(side: int = 8) -> bytes:
    """A grey square, small enough for a logo."""
    rows = (b"\0" + b"\x80" * side) * side
    parts = (
        (b"IHDR", pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    chunks = (pack(">I", len(data)) + _checked(kind + data) for kind, data in parts)
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _checked(content: bytes) -> bytes:
    return content + pack(">I", zlib.crc32(content))


def _certificate(key: Any, subject: x509.Name, days: int) -> x509.Certificate:
    today = datetime.now(UTC)
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example CA")])
    builder = x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number())
    dated = builder.not_valid_before(today).not_valid_after(today + timedelta(days=days))
    return dated.sign(_rsa(), hashes.SHA256())


@cache
def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _number(value: int, size: int) -> str:
    return urlsafe_b64encode(value.to_bytes(size)).rstrip(b"=").decode()
