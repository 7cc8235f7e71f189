"""Authorization servers with policies, rules, scopes, claims and keys, as recorded."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tenants.sandbox.seed.ids import Ids, stamp
from tenants.sandbox.store import Body

#: How often Okta changes a signing key by itself: four times a year.
ROTATION_DAYS = 90
_PERIOD_S = ROTATION_DAYS * 86_400

_READ, _ALL = ["GET"], ["GET", "PUT", "DELETE"]

#: Name and consent of the scopes every server has from the start.
SYSTEM_SCOPES = ("openid", "profile", "email", "address", "phone", "offline_access")

#: The claims Okta computes, by the scope that brings them, in the order recorded.
_SYSTEM_CLAIMS = {
    "middle_name": "profile",
    "zoneinfo": "profile",
    "website": "profile",
    "updated_at": "profile",
    "profile": "profile",
    "preferred_username": "profile",
    "picture": "profile",
    "phone_number": "phone",
    "nickname": "profile",
    "name": "profile",
    "locale": "profile",
    "given_name": "profile",
    "gender": "profile",
    "family_name": "profile",
    "email_verified": "email",
    "email": "email",
    "birthdate": "profile",
    "address": "address",
}
_ALWAYS_INCLUDED = ("sub", "name", "email", "preferred_username")


@dataclass(frozen=True)
class Rule:
    """What tells one rule from another; the defaults make a rule nobody could object to."""

    name: str
    scopes: tuple[str, ...] = ("openid",)
    grants: tuple[str, ...] = ("authorization_code",)
    groups: tuple[str, ...] = ("EVERYONE",)
    access_minutes: int = 60
    status: str = "ACTIVE"


def build_server(
    ids: Ids, host: str, *, name: str, audience: str, now: float, default: bool = False
) -> Body:
    """An ACTIVE server that rotates its keys by itself.

    Everything but the rotation dates is the same at every start; those move on every 90 days.
    """
    okta_id = ids.make("aus")
    created, updated = ids.make_dates()
    # The default server has an id, but its links and its issuer say "default".
    alias = "default" if default else okta_id
    rotation = build_rotation(now // _PERIOD_S * _PERIOD_S)
    return {
        "id": okta_id,
        "name": name,
        "description": None if default else f"Tokens for {name}",
        "audiences": [audience],
        "issuer": f"https://{host}/oauth2/{alias}",
        "issuerMode": "DYNAMIC",
        "status": "ACTIVE",
        "created": created,
        "lastUpdated": updated,
        "credentials": {"signing": {"kid": ids.make_kid(), **rotation}},
        "default": default,
        "_links": _server_links(host, alias),
    }


def build_rotation(last_rotated: float) -> dict[str, str]:
    """Rotation by Okta itself since then (Unix seconds)."""
    last = datetime.fromtimestamp(last_rotated, tz=UTC)
    return {
        "rotationMode": "AUTO",
        "lastRotated": stamp(last),
        "nextRotation": _next_rotation(last),
    }


def set_rotation(server: Body, mode: str) -> None:
    """Change who rotates the keys; Okta tells the date of the next rotation only in AUTO."""
    signing = server["credentials"]["signing"]
    signing["rotationMode"] = mode
    signing.pop("nextRotation", None)
    if mode == "AUTO":
        signing["nextRotation"] = _next_rotation(datetime.fromisoformat(signing["lastRotated"]))


def _next_rotation(last: datetime) -> str:
    return stamp(last + timedelta(days=ROTATION_DAYS))


def _server_links(host: str, alias: str) -> Body:
    here = f"https://{host}/api/v1/authorizationServers/{alias}"
    issuer = f"https://{host}/oauth2/{alias}/.well-known"
    documents = ("oauth-authorization-server", "openid-configuration")
    return {
        "rotateKey": _link(f"{here}/credentials/lifecycle/keyRotate", ["POST"]),
        "metadata": [{"name": name, **_link(f"{issuer}/{name}", _READ)} for name in documents],
        "resourceServerCredentialsKeys": _link(f"{here}/resourceservercredentials/keys", _READ),
        "keys": _link(f"{here}/credentials/keys", _READ),
        "claims": _link(f"{here}/claims", ["GET", "POST"]),
        "policies": _link(f"{here}/policies", ["GET", "POST"]),
        "self": _link(here, ["GET", "DELETE", "PUT"]),
        "scopes": _link(f"{here}/scopes", ["GET", "POST"]),
        "deactivate": _link(f"{here}/lifecycle/deactivate", ["POST"]),
    }


def _link(href: str, allowed: list[str]) -> Body:
    return {"href": href, "hints": {"allow": allowed}}


def _self_link(server: Body, path: str) -> str:
    href: str = server["_links"]["self"]["href"]
    return f"{href}/{path}"


def build_policy(
    ids: Ids, server: Body, *, name: str, clients: list[str], priority: int, status: str = "ACTIVE"
) -> Body:
    okta_id = ids.make("00p")
    created, updated = ids.make_dates()
    here = _self_link(server, f"policies/{okta_id}")
    change = "deactivate" if status == "ACTIVE" else "activate"
    return {
        "id": okta_id,
        "status": status,
        "name": name,
        "description": f"{name} of {server['name']}",
        "priority": priority,
        "system": False,
        "conditions": {"clients": {"include": clients}},
        "created": created,
        "lastUpdated": updated,
        "_links": {
            "self": _link(here, _ALL),
            "rules": _link(f"{here}/rules", _READ),
            change: _link(f"{here}/lifecycle/{change}", ["POST"]),
        },
        "type": "OAUTH_AUTHORIZATION_POLICY",
    }


def build_rule(ids: Ids, server: Body, policy: Body, rule: Rule, *, priority: int) -> Body:
    okta_id = ids.make("0pr")
    created, updated = ids.make_dates()
    here = _self_link(server, f"policies/{policy['id']}/rules/{okta_id}")
    change = "deactivate" if rule.status == "ACTIVE" else "activate"
    # Where a person takes part, Okta wants somebody named; a machine is in no group.
    groups = [] if rule.grants == ("client_credentials",) else list(rule.groups)
    return {
        "id": okta_id,
        "status": rule.status,
        "name": rule.name,
        "priority": priority,
        "created": created,
        "lastUpdated": updated,
        "system": False,
        "conditions": {
            "people": {"users": {"exclude": []}, "groups": {"include": groups}},
            "grantTypes": {"include": list(rule.grants)},
            "scopes": {"include": list(rule.scopes)},
        },
        "actions": {
            "token": {
                "accessTokenLifetimeMinutes": rule.access_minutes,
                "refreshTokenLifetimeMinutes": 43_200,
                "refreshTokenWindowMinutes": 10_080,
            }
        },
        "_links": {
            "self": _link(here, _ALL),
            change: _link(f"{here}/lifecycle/{change}", ["POST"]),
        },
        # Recorded as the last key of a rule.
        "type": "RESOURCE_ACCESS",
    }


def build_scope(ids: Ids, server: Body, name: str) -> Body:
    okta_id = ids.make("scp")
    system = name in SYSTEM_SCOPES
    return {
        "id": okta_id,
        "name": name,
        **({} if system else {"displayName": name.replace(":", " ").title()}),
        "description": None,
        "system": system,
        "metadataPublish": "ALL_CLIENTS" if system else "NO_CLIENTS",
        "consent": "IMPLICIT",
        "default": False,
        "optional": False,
        "apiResourceId": None,
        "_links": {"self": _link(_self_link(server, f"scopes/{okta_id}"), _ALL)},
    }


def build_claims(ids: Ids, server: Body) -> list[Body]:
    """The claims a server has from the start; those Okta computes have no ``value`` at all."""
    subject: Body = {
        "name": "sub",
        "status": "ACTIVE",
        "claimType": "RESOURCE",
        "valueType": "EXPRESSION",
        "value": "(appuser != null) ? appuser.userName : app.clientId",
        "conditions": {"scopes": []},
    }
    computed: list[Body] = [
        {
            "name": name,
            "status": "ACTIVE",
            "claimType": "IDENTITY",
            "valueType": "SYSTEM",
            "conditions": {"scopes": [scope]},
        }
        for name, scope in _SYSTEM_CLAIMS.items()
    ]
    for claim in (subject, *computed):
        claim["alwaysIncludeInToken"] = claim["name"] in _ALWAYS_INCLUDED
    return [finish_claim(ids, server, claim, system=True) for claim in (subject, *computed)]


def finish_claim(ids: Ids, server: Body, claim: Body, *, system: bool) -> Body:
    """A claim with its id, its links and the fields that only Okta sets."""
    okta_id = ids.make("ocl")
    return {
        "id": okta_id,
        **claim,
        "system": system,
        "apiResourceId": None,
        "_links": {"self": _link(_self_link(server, f"claims/{okta_id}"), _ALL)},
    }


def build_keys(ids: Ids, server: Body) -> list[Body]:
    """The key in use and the one that comes next."""
    in_use: str = server["credentials"]["signing"]["kid"]
    kids = {"ACTIVE": in_use, "NEXT": ids.make_kid()}
    return [build_key(ids, server, kid, status) for status, kid in kids.items()]


def build_key(ids: Ids, server: Body, kid: str, status: str) -> Body:
    """A public signing key; keys carry a ``kid`` and no ``id``."""
    return {
        "kty": "RSA",
        "status": status,
        "alg": "RS256",
        "kid": kid,
        "use": "sig",
        "_links": {"self": _link(_self_link(server, f"credentials/keys/{kid}"), _READ)},
        "e": "AQAB",
        "n": ids.make_modulus(),
    }
