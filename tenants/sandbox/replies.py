"""What goes back over the wire, in Okta's shapes."""

import secrets
from dataclasses import dataclass, field

from tenants.sandbox.delivery import Delivery, Headers
from tenants.sandbox.store import encode

JSON = ("content-type", "application/json")
HTML = ("content-type", "text/html;charset=utf-8")


@dataclass
class Reply:
    """One answer.

    Attributes:
        traced: false where Okta's edge answers, which sends no request id.
        delivery: how a fault puts it on the wire; None for the usual way.
    """

    status: int
    body: bytes = b""
    headers: Headers = field(default_factory=list)
    traced: bool = True
    delivery: Delivery | None = None


class Refusal(Exception):
    """Carries the reply that ends a request early."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def json_reply(body: object, status: int = 200, headers: Headers | None = None) -> Reply:
    return Reply(status, encode(body), [JSON, *(headers or [])])


def okta_error(
    status: int,
    code: str,
    summary: str,
    *causes: str,
    headers: Headers | None = None,
    traced: bool = True,
) -> Refusal:
    """Okta's own error body. ``errorLink`` is the code again, never an address."""
    body = {
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": "oae" + secrets.token_urlsafe(17)[:22],
        "errorCauses": [{"errorSummary": cause} for cause in causes],
    }
    return Refusal(Reply(status, encode(body), [JSON, *(headers or [])], traced))


def oauth_error(status: int, code: str, description: str) -> Refusal:
    """The other body shape, which the token endpoint uses."""
    body = {"error": code, "error_description": description}
    headers = [JSON, ("cache-control", "no-cache, no-store")]
    if status == 401:
        headers.append(("www-authenticate", f'Basic realm="okta", error="{code}"'))
    return Refusal(Reply(status, encode(body), headers))


def forbidden(headers: Headers | None = None) -> Refusal:
    """Of a scope that is missing, which ``headers`` then name, or of an admin role too narrow."""
    summary = "You do not have permission to perform the requested action"
    return okta_error(403, "E0000006", summary, headers=headers)


def edge_not_found() -> Reply:
    """A host that no org has: Okta's Apache edge answers, without a content type or an id."""
    body = b'{"status":404,"message":"Resource not found"}\n'
    headers = [("server", "Apache"), ("accept-ranges", "bytes"), ("etag", '"2e-5a1c8f9b7d3c0"')]
    return Reply(404, body, headers, traced=False)


def dead_org() -> Reply:
    body = html_page("Page not found", "There is no organization at this address.")
    return Reply(404, body, [HTML], traced=False)


def html_page(title: str, text: str) -> bytes:
    page = f"<!DOCTYPE html><html><head><title>{title}</title></head>"
    return f"{page}<body><h1>{title}</h1><p>{text}</p></body></html>".encode()


def admin_redirect(org_host: str) -> Reply:
    """The Admin Console's host redirects instead of answering the API."""
    return Reply(302, b"", [("location", f"https://{org_host}/login/default")], traced=False)
