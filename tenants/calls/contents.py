"""What becomes of the file that an operator hands over as a request's body."""

from pathlib import PurePath

from tenants.calls.errors import CallRefused
from tenants.okta import bodies
from tenants.okta.answers import BadJson, read_json
from tenants.okta.bodies import Content
from tenants.okta.operations import Operation
from tenants.okta.operations.media import CERTIFICATE, FORM, JSON, MULTIPART

#: Several times the longest that Okta takes.
MAX_BODY_BYTES = 5_000_000

_BOM = b"\xef\xbb\xbf"


def content_build(operation: Operation, data: bytes, file_name: str) -> Content:
    """The body of ``operation`` made of a file's bytes; its name tells .cer from .der.

    JSON is read to be sure that it is JSON, and sent as it stands in the file.

    Raises:
        CallRefused: no body for this operation; never a word of what is in the file.
    """
    if len(data) > MAX_BODY_BYTES:
        raise CallRefused(f"The body has more than {MAX_BODY_BYTES} bytes.")
    match operation.body:
        case ():
            raise CallRefused(f"{operation.name} takes no body.")
        case kinds if kinds == MULTIPART:
            return _logo(data)
        case kinds if kinds == CERTIFICATE:
            return _certificate(data, PurePath(file_name).suffix.lower())
        case kinds if kinds == JSON:
            _read_json(data)
            return Content(bodies.JSON, data.removeprefix(_BOM))
        case kinds:
            raise CallRefused(f"There is no way to make {' or '.join(kinds)} of a file.")


def form_build(operation: Operation, data: bytes) -> dict[str, str]:
    """The form fields of token, revoke or introspect, from a JSON object of strings.

    Raises:
        CallRefused: it is something else.
    """
    fields = _read_json(data)
    if not isinstance(fields, dict) or not all(isinstance(v, str) for v in fields.values()):
        raise CallRefused(f"The body of {operation.name} has to be a JSON object of strings.")
    return fields


def takes_form(operation: Operation) -> bool:
    return operation.body == FORM


def _read_json(data: bytes) -> object:
    try:
        return read_json(data, strict=True)
    except BadJson as exc:
        raise CallRefused(f"The body cannot be sent: {exc}.") from exc


def _logo(data: bytes) -> Content:
    try:
        return bodies.logo(data)
    except ValueError as exc:
        raise CallRefused(f"The picture cannot be sent: {exc}.") from exc


def _certificate(data: bytes, suffix: str) -> Content:
    as_cer = suffix == ".cer" and not data.lstrip().startswith(b"-----BEGIN")
    try:
        return bodies.cer(data) if as_cer else bodies.certificate(data)
    except ValueError as exc:
        raise CallRefused("The body is not one readable X.509 certificate.") from exc
