"""Rules of an access policy: who gets which scopes by which grant, and for how long."""

from collections.abc import Mapping

from tenants.sandbox.call import Call, Handler
from tenants.sandbox.operations.fields import (
    dig,
    left_blank,
    read_choice,
    read_number,
    read_object,
    read_texts,
    refuse,
)
from tenants.sandbox.operations.priorities import put_ranked, ranked_listing, ranked_removal
from tenants.sandbox.operations.reads import single
from tenants.sandbox.operations.writes import find, keep_system, now, read_text, set_status, switch
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.resolve import resolve
from tenants.sandbox.seed.servers import Rule, build_rule
from tenants.sandbox.store import Body

_SERVER, _POLICY, _RULE = "authorization_server", "as_policy", "as_rule"
_LAST = 10_000
_FIVE_YEARS = 2_628_000

_PEOPLE_GRANTS = ("authorization_code", "implicit", "password")
_GRANTS = (
    *_PEOPLE_GRANTS,
    "client_credentials",
    "interaction_code",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "urn:ietf:params:oauth:grant-type:saml2-bearer",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "urn:openid:params:grant-type:ciba",
)


def _create(call: Call) -> Reply:
    org, body = call.org, call.json_object()
    server_id, policy_id = resolve(org, (_SERVER, _POLICY), call.ids)
    wanted = _read(org, server_id, body, priority=_LAST)
    server, policy = org.get(_SERVER, server_id), org.get(_POLICY, policy_id, server_id)
    rule = build_rule(org.ids, server, policy, Rule(""), priority=1)
    rule |= {**wanted, "created": now(org), "lastUpdated": now(org)}
    rule = set_status(org, rule, read_choice(body, "status", ("ACTIVE", "INACTIVE"), "ACTIVE"))
    return json_reply(put_ranked(org, _RULE, rule, server_id, policy_id), 201)


def _replace(call: Call) -> Reply:
    parents, rule = find(call, _RULE)
    org, body = call.org, call.json_object()
    wanted = _read(org, parents[0], body, priority=rule["priority"])
    status = read_choice(body, "status", ("ACTIVE", "INACTIVE"), rule["status"])
    rule = set_status(org, {**rule, **wanted}, status)
    return json_reply(put_ranked(org, _RULE, rule, *parents))


def _read(org: Org, server_id: str, body: Body, *, priority: int) -> Body:
    read_choice(body, "type", ("RESOURCE_ACCESS",))
    if not read_object(body, "conditions"):
        raise left_blank("conditions")
    grants = _read_grants(body)
    return {
        "name": read_text(body, "name", longest=100),
        "priority": read_number(body, "priority", default=priority, lowest=1, highest=_LAST),
        "conditions": {
            "people": _read_people(body, grants),
            "grantTypes": {"include": grants},
            "scopes": {"include": _read_scopes(org, server_id, body)},
        },
        "actions": {"token": _read_token(body)},
    }


def _read_grants(body: Body) -> list[str]:
    path = "conditions.grantTypes.include"
    grants = read_texts(body, path)
    if not grants:
        raise left_blank(path)
    if unknown := set(grants).difference(_GRANTS):
        raise refuse(path, f"Invalid grant type: {min(unknown)}")
    return grants


def _read_people(body: Body, grants: list[str]) -> Body:
    """Users and groups; where a person takes part, a rule must name at least one.

    Source of the sentence: the public issue tracker of Okta's documentation, number 1622.
    """
    path = "conditions.people"
    users = read_texts(body, f"{path}.users.include")
    groups = read_texts(body, f"{path}.groups.include")
    if not (users or groups) and set(grants).intersection(_PEOPLE_GRANTS):
        raise refuse(
            path,
            f"At least one of ''{path}.users.include'' or ''{path}.groups.include'' must contain "
            "a valid user or group when ''conditions.grantTypes'' contains one or more of "
            f"[{', '.join(_PEOPLE_GRANTS)}].",
        )
    excluded = read_texts(body, f"{path}.users.exclude")
    people: Body = {"users": {**({"include": users} if users else {}), "exclude": excluded}}
    return {**people, "groups": {"include": groups}} if groups else people


def _read_scopes(org: Org, server_id: str, body: Body) -> list[str]:
    """Scopes of this server, or ``*`` for any."""
    path = "conditions.scopes.include"
    scopes = read_texts(body, path)
    known = {"*", *(scope["name"] for scope in org.list("as_scope", server_id))}
    if unknown := set(scopes) - known:
        raise refuse(path, f"Invalid scope: {min(unknown)}")
    return scopes


def _read_token(body: Body) -> Body:
    """Lifetimes in minutes. A refresh token of 0 minutes never runs out (recorded often)."""
    path = "actions.token"
    access = read_number(
        body, f"{path}.accessTokenLifetimeMinutes", default=60, lowest=5, highest=1440
    )
    refresh_path = f"{path}.refreshTokenLifetimeMinutes"
    refresh = read_number(body, refresh_path, default=0, lowest=0, highest=_FIVE_YEARS)
    if 0 < refresh < access:
        raise refuse(refresh_path, "must not be less than the lifetime of the access token")
    token: Body = {
        "accessTokenLifetimeMinutes": access,
        "refreshTokenLifetimeMinutes": refresh,
        "refreshTokenWindowMinutes": read_number(
            body,
            f"{path}.refreshTokenWindowMinutes",
            default=10_080,
            lowest=10,
            highest=_FIVE_YEARS,
        ),
    }
    return token | _read_hook(body, f"{path}.inlineHook")


def _read_hook(body: Body, path: str) -> Body:
    hook_id = dig(body, f"{path}.id")
    if hook_id is None:
        return {}
    if not isinstance(hook_id, str) or not hook_id:
        raise refuse(path, "The field must name an inline hook")
    return {"inlineHook": {"id": hook_id}}


HANDLERS: Mapping[str, Handler] = {
    "listAuthorizationServerPolicyRules": ranked_listing(_RULE),
    "createAuthorizationServerPolicyRule": _create,
    "getAuthorizationServerPolicyRule": single(_RULE),
    "replaceAuthorizationServerPolicyRule": _replace,
    "deleteAuthorizationServerPolicyRule": ranked_removal(_RULE, keep_system),
    "activateAuthorizationServerPolicyRule": switch(_RULE, "ACTIVE"),
    "deactivateAuthorizationServerPolicyRule": switch(_RULE, "INACTIVE"),
}
