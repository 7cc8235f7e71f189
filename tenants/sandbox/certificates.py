"""Real RSA keys and X.509 certificates, shown as Okta shows an app's key credentials."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tenants.sandbox.seed.ids import stamp
from tenants.sandbox.store import Body

#: Making a key takes a tenth of a second, so a process makes a few and hands them out in turn:
#: what is made one after another differs, and nothing here is worth protecting.
_KEYS_KEPT = 4
_numbers = count()

_YEAR = timedelta(days=365)


def new_private_key() -> RSAPrivateKey:
    """2048 bits; not the one handed out just before."""
    return _private_key(next(_numbers) % _KEYS_KEPT)


@cache
def _private_key(number: int) -> RSAPrivateKey:
    return generate_private_key(public_exponent=65_537, key_size=2048)


def issue_certificate(host: str, clock: Callable[[], float], *, years: int) -> bytes:
    """A self-signed certificate as DER, as Okta makes them: valid at once, and named after the org
    by the first label of its host (recorded), as a whole host may be too long for a name."""
    key = new_private_key()
    began = datetime.fromtimestamp(clock(), tz=UTC)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "SSOProvider"),
            x509.NameAttribute(NameOID.COMMON_NAME, host.partition(".")[0]),
        ]
    )
    unsigned = (
        x509.CertificateBuilder(name, name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began - timedelta(minutes=1))
        .not_valid_after(began + years * _YEAR)
    )
    return unsigned.sign(key, SHA256()).public_bytes(Encoding.DER)


def show_certificate(der: bytes, kid: str, created: str) -> Body:
    """The key credential of a certificate over an RSA key: without ``status`` and ``alg``.

    Raises:
        ValueError: it is no such certificate.
    """
    certificate = x509.load_der_x509_certificate(der)
    public = certificate.public_key()
    if not isinstance(public, RSAPublicKey):
        raise ValueError("not an RSA key")
    return {
        "kty": "RSA",
        "created": created,
        "lastUpdated": created,
        "expiresAt": stamp(certificate.not_valid_after_utc),
        "kid": kid,
        "use": "sig",
        "x5c": [b64encode(der).decode()],
        "x5t#S256": base64url(certificate.fingerprint(SHA256())),
        **show_numbers(public),
    }


def show_numbers(public: RSAPublicKey) -> Body:
    numbers = public.public_numbers()
    return {"e": _base64url_number(numbers.e), "n": _base64url_number(numbers.n)}


def _base64url_number(number: int) -> str:
    return base64url(number.to_bytes((number.bit_length() + 7) // 8))


def base64url(raw: bytes) -> str:
    """Without padding, as in JSON Web Keys."""
    return urlsafe_b64encode(raw).decode().rstrip("=")
