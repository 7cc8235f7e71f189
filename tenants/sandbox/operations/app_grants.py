"""Okta scopes that an app may ask for, each with an admin's consent."""

from collections.abc import Mapping

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.links import link
from tenants.sandbox.operations.oauth_clients import client_of, find_client
from tenants.sandbox.operations.reads import listing, read_expand
from tenants.sandbox.operations.writes import find, invalid, now, read_text, removal
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.resolve import resolve
from tenants.sandbox.scopes import KNOWN_SCOPES
from tenants.sandbox.store import Body

_LONGEST = 1024


def build_grant(org: Org, app: Body, scope: str, *, okta_id: str, dates: tuple[str, str]) -> Body:
    """A grant as it is read; ``dates`` are created and last updated."""
    client_id = client_of(app)["client_id"]
    href = f"https://{org.host}/api/v1/apps/{app['id']}"
    client = f"https://{org.host}/oauth2/v1/clients/{client_id}"
    return {
        "id": okta_id,
        "status": "ACTIVE",
        "created": dates[0],
        "createdBy": {"id": org.admin_id, "type": "User"},
        "lastUpdated": dates[1],
        "issuer": f"https://{org.host}",
        "clientId": client_id,
        "scopeId": scope,
        "source": "ADMIN",
        "_links": {
            "app": {"href": href, "title": app["label"]},
            "self": link(f"{href}/grants/{okta_id}", "GET", "DELETE"),
            "client": {"href": client, "title": app["label"]},
        },
    }


def _create(call: Call) -> Reply:
    app, body = find_client(call), call.json_object()
    issuer, scope = (read_text(body, field, longest=_LONGEST) for field in ("issuer", "scopeId"))
    if issuer != f"https://{call.org.host}":
        raise invalid("issuer", "issuer: The issuer must be the org authorization server.")
    if scope is None or scope not in KNOWN_SCOPES:
        raise invalid("scopeId", "scopeId: The scope is not a scope of the issuer.")
    if scope in [grant["scopeId"] for grant in call.org.list("app_grant", app["id"])]:
        raise invalid("scopeId", "scopeId: The scope is already granted to the app.")
    moment = now(call.org)
    okta_id = call.org.ids.make("oag")
    grant = build_grant(call.org, app, scope, okta_id=okta_id, dates=(moment, moment))
    call.org.put("app_grant", grant, app["id"])
    return json_reply(_embed_scope(grant), 201)


def _list(call: Call) -> Reply:
    if not read_expand(call, "scope"):
        return listing("app_grant")(call)
    (app_id,) = resolve(call.org, ("app",), call.ids)
    return json_reply([_embed_scope(grant) for grant in call.org.list("app_grant", app_id)])


def _get(call: Call) -> Reply:
    wants_scope = read_expand(call, "scope")
    _, grant = find(call, "app_grant")
    return json_reply(_embed_scope(grant) if wants_scope else grant)


def _embed_scope(grant: Body) -> Body:
    """Recorded between what the grant is and where it is."""
    links = grant.pop("_links")
    return {**grant, "_embedded": {"scope": {"id": grant["scopeId"]}}, "_links": links}


HANDLERS: Mapping[str, Handler] = {
    "listScopeConsentGrants": _list,
    "grantConsentToScope": _create,
    "getScopeConsentGrant": _get,
    "revokeScopeConsentGrant": removal("app_grant"),
}
