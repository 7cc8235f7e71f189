"""Which org answers under a host: asked without credentials, before any secret is sent there."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tenants.okta.answers import Answer, BadJson, read_json, traceable
from tenants.okta.egress import OrgConnection
from tenants.okta.errors import OktaError, OktaWrongHost
from tenants.okta.hosts import is_org_host
from tenants.okta.operations import IDENTIFIER
from tenants.okta.refusals import api_refusal

METADATA_PATH = "/.well-known/okta-organization"


@dataclass(frozen=True)
class OrgMetadata:
    """``org_id`` is Okta's ``00o…``; ``host`` the org's own name for itself; ``engine`` ``idx``
    (Identity Engine), ``v1`` (Classic) or whatever else Okta says, '' when it says nothing."""

    org_id: str
    host: str
    engine: str


def fetch_org_metadata(http: OrgConnection) -> OrgMetadata:
    """Ask the host which org it is.

    Raises:
        OktaWrongHost: no living org under this host.
        OktaRateLimited, OktaUnavailable, OktaProtocolError, EgressRefused: as for any call.

    Source: Okta's ``getWellknownOrgMetadata``.
    """
    answer = http.send("GET", METADATA_PATH, headers={"accept": "application/json"})
    with traceable(answer.headers):
        if not answer.ok:
            raise _refusal(answer)
        body = _org_body(answer)
    return OrgMetadata(
        org_id=body["id"],
        host=_canonical_host(body, http),
        engine=body["pipeline"] if isinstance(body.get("pipeline"), str) else "",
    )


def _refusal(answer: Answer) -> OktaError:
    """Whatever refuses this public page for good is no org."""
    refusal = api_refusal(answer, scope="", paging=False, hide="")
    if refusal.retryable:
        return refusal
    return OktaWrongHost(str(refusal), status=answer.status, error_code=refusal.error_code)


def _org_body(answer: Answer) -> dict[str, Any]:
    try:
        body = read_json(answer.body)
    except BadJson:
        body = None
    org_id = body.get("id") if isinstance(body, dict) else None
    if not (isinstance(org_id, str) and IDENTIFIER.fullmatch(org_id)):
        raise OktaWrongHost("the host does not describe an Okta org", status=answer.status)
    return dict(body)


def _canonical_host(body: dict[str, Any], http: OrgConnection) -> str:
    """The host in ``_links.organization``; the asked one unless that is an Okta host too."""
    match body.get("_links"):
        case {"organization": {"href": str(href)}}:
            host = _host_of(href)
            return host if is_org_host(host, http.policy.suffixes) else http.host
        case _:
            return http.host


def _host_of(href: str) -> str:
    try:
        return urlsplit(href).hostname or ""
    except ValueError:
        return ""
