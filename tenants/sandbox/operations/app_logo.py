"""The logo of an app, as it is uploaded."""

from email.message import Message
from email.parser import BytesParser

from tenants.sandbox.call import Call
from tenants.sandbox.operations.writes import find, invalid, now
from tenants.sandbox.replies import Reply
from tenants.sandbox.requests import Request

#: Source: Okta's OpenAPI, as "less than 1 MB".
MAX_LOGO_BYTES = 1024 * 1024

#: How the three kinds of picture begin.
_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")


def upload(call: Call) -> Reply:
    """201, without a body; where the picture is says only the Location, and the app."""
    _, app = find(call, "app")
    picture = _read_file(call)
    if not picture.startswith(_BEGINNINGS):
        raise invalid("file", "file: The logo must be a PNG, JPEG or GIF picture.")
    if len(picture) > MAX_LOGO_BYTES:
        raise invalid("file", "file: The logo must be smaller than 1 MB.")
    address = f"https://static.example.com/fs/bco/4/{call.org.ids.make('fs0')}"
    app["_links"]["logo"] = [{"name": "medium", "href": address, "type": "image/png"}]
    call.org.put("app", {**app, "lastUpdated": now(call.org)})
    return Reply(201, headers=[("location", address)])


def _read_file(call: Call) -> bytes:
    """The content of the one part there may be; what the part calls it does not matter."""
    parts = _read_parts(call.request)
    if len(parts) != 1 or _name_of(parts[0]) != "file":
        raise invalid("file", "file: The request must have one part, named file.")
    content = parts[0].get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _read_parts(request: Request) -> list[Message]:
    kind = request.headers.get("content-type", "").encode("latin-1")
    try:
        message = BytesParser().parsebytes(b"content-type: " + kind + b"\r\n\r\n" + request.body)
        parts = [part for part in message.walk() if not part.is_multipart()]
    except RecursionError:  # parts within parts within parts
        return []
    return parts if message.is_multipart() else []


def _name_of(part: Message) -> object:
    return part.get_param("name", header="content-disposition")
