"""What goes out with a request and what comes back, by media type."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tenants.okta.answers import Answer, BadJson, read_json
from tenants.okta.errors import OktaProtocolError
from tenants.okta.operations import Operation
from tenants.okta.redact import CREATED, drop_secrets

JSON = "application/json"
#: Okta's bound for a logo.
MAX_LOGO_BYTES = 1_000_000
#: SAML metadata has some 10 kB; a tree takes many times the memory of its text.
MAX_XML_BYTES = 256_000

_XML = frozenset({"application/xml", "text/xml"})
_PICTURES = {
    b"\x89PNG\r\n\x1a\n": "png",
    b"\xff\xd8\xff": "jpeg",
    b"GIF87a": "gif",
    b"GIF89a": "gif",
}
_PEM = b"-----BEGIN CERTIFICATE-----"


@dataclass(frozen=True)
class Content:
    """A request body: its bytes, and the whole ``Content-Type`` line for them."""

    media_type: str
    data: bytes = field(repr=False)

    @property
    def kind(self) -> str:
        """The media type alone, without charset or boundary."""
        return self.media_type.partition(";")[0]


@dataclass(frozen=True)
class Document:
    """An XML answer: the bytes as they came, and the tree they make."""

    raw: bytes = field(repr=False)
    root: Element = field(repr=False)


@dataclass(frozen=True)
class Outcome:
    """A success.

    ``value`` is JSON as Python objects without secrets, XML as a `Document`, any other kind that
    the operation declares as bytes, None for no body. ``location`` is the address that Okta gave
    to what was made, '' for none.
    """

    status: int
    value: Any = field(repr=False)
    location: str
    request_id: str


NOTHING = Content(JSON, b"")


def json_body(value: object) -> Content:
    return Content(JSON, json.dumps(value, ensure_ascii=False, allow_nan=False).encode())


def logo(data: bytes) -> Content:
    """The upload form for a picture.

    Raises:
        ValueError: not a PNG, JPEG or GIF, or larger than Okta takes.
    """
    kind = next((kind for magic, kind in _PICTURES.items() if data.startswith(magic)), "")
    if not kind:
        raise ValueError("a logo has to be a PNG, JPEG or GIF")
    if len(data) > MAX_LOGO_BYTES:
        raise ValueError(f"a logo has at most {MAX_LOGO_BYTES} bytes, and this has {len(data)}")
    boundary = secrets.token_hex(16)
    # The name is ours: what stands in a file's name need not be told.
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="logo.{kind}"\r\n'
        f"Content-Type: image/{kind}\r\n\r\n"
    )
    whole = head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    return Content(f"multipart/form-data; boundary={boundary}", whole)


def certificate(data: bytes) -> Content:
    """The body for publishing a certificate: PEM, or DER as in ``.der`` and ``.cer`` files.

    Of a PEM file with more in it, the first certificate alone.

    Raises:
        ValueError: not one readable X.509 certificate.
    """
    if data.lstrip().startswith(_PEM):
        # Written anew: a bundle has the private key as well.
        alone = x509.load_pem_x509_certificate(data).public_bytes(Encoding.PEM)
        return Content("application/x-pem-file", alone)
    return Content("application/pkix-cert", _der(data))


def cer(data: bytes) -> Content:
    """As `certificate`, for DER under the other name that Okta knows for it."""
    return Content("application/x-x509-ca-cert", _der(data))


def _der(data: bytes) -> bytes:
    return x509.load_der_x509_certificate(data).public_bytes(Encoding.DER)


def accepted(operation: Operation) -> str:
    """The ``Accept`` line: Okta refuses JSON for SAML metadata, and wants JSON for all others."""
    return JSON if JSON in operation.answers else ", ".join(operation.answers) or JSON


def outcome(answer: Answer, operation: Operation, *, reveal: bool = False) -> Outcome:
    """What a success comes to; ``reveal`` leaves in the secret that was just created.

    Raises:
        OktaProtocolError: a body of a kind the operation does not have, or one that is broken; for
            a read, also nothing at all.
    """
    value = _value(answer, operation, CREATED if reveal else frozenset())
    return Outcome(answer.status, value, answer.header("location") or "", answer.request_id)


def _value(answer: Answer, operation: Operation, keep: frozenset[str]) -> Any:
    if not answer.body:
        if operation.is_read and operation.answers:
            raise OktaProtocolError("the answer is empty", status=answer.status)
        return None
    if answer.is_json:
        value = _json(answer, keep)
        if value is None and operation.is_read:
            raise OktaProtocolError("the answer is null", status=answer.status)
        return value
    if answer.media_type in _XML:
        return _document(answer)
    if answer.media_type in operation.answers:
        return answer.body
    raise OktaProtocolError("the answer is of another kind than asked for", status=answer.status)


def _json(answer: Answer, keep: frozenset[str]) -> Any:
    try:
        return drop_secrets(read_json(answer.body), keep=keep)
    except BadJson as exc:
        raise OktaProtocolError(str(exc), status=answer.status) from exc


def _document(answer: Answer) -> Document:
    """Okta names one encoding in the header and another in the document, which is right."""
    if len(answer.body) > MAX_XML_BYTES:
        raise OktaProtocolError("the XML is too large", status=answer.status)
    try:
        return Document(answer.body, fromstring(answer.body, forbid_dtd=True))
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        # Without the parser's words: they may quote the document.
        raise OktaProtocolError("the XML cannot be read", status=answer.status) from None
