"""Authorization servers with policies, rules, scopes, claims and keys, as recorded."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tenants.sandbox.seed.ids import Ids, stamp
from tenants.sandbox.store import Body

#: How often Okta changes a signing key by itself: four times a year.
ROTATION_DAYS = 90

_READ, _ALL = ["GET"], ["GET", "PUT", "DELETE"]

#: Name and consent of the scopes every server has from the start.
SYSTEM_SCOPES = ("openid", "profile", "email", "address", "phone", "offline_access")
_SYSTEM_CLAIMS = {"name": "profile", "email": "email", "phone_number": "phone"}


@dataclass(frozen=True)
class Rule:
    """What tells one rule from another; the defaults make a rule nobody could object to."""

    name: str
    scopes: tuple[str, ...] = ("openid",)
    grants: tuple[str, ...] = ("authorization_code",)
    groups: tuple[str, ...] = ()
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
        "credentials": {"signing": {"kid": ids.make_kid(), **_rotation(now)}},
        "default": default,
        "_links": _server_links(host, alias),
    }


def _rotation(now: float) -> dict[str, str]:
    period = ROTATION_DAYS * 86_400
    last = datetime.fromtimestamp(now // period * period, tz=UTC)
    following = last + timedelta(days=ROTATION_DAYS)
    return {
        "rotationMode": "AUTO",
        "lastRotated": stamp(last),
        "nextRotation": stamp(following),
    }


def _server_links(host: str, alias: str) -> Body:
    here = f"https://{host}/api/v1/authorizationServers/{alias}"
    issuer = f"https://{host}/oauth2/{alias}/.well-known"
    documents = ("oauth-authorization-server", "openid-configuration")
    return {
        "rotateKey": _link(f"{here}/credentials/lifecycle/keyRotate", ["POST"]),
        "metadata": [{"name": name, **_link(f"{issuer}/{name}", _READ)} for name in documents],
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
    return {
        "id": okta_id,
        "status": rule.status,
        "name": rule.name,
        "priority": priority,
        "created": created,
        "lastUpdated": updated,
        "system": False,
        "conditions": {
            "people": {"users": {"exclude": []}, "groups": {"include": list(rule.groups)}},
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
        "displayName": None if system else name.replace(":", " ").title(),
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
    subject = {
        "name": "sub",
        "status": "ACTIVE",
        "claimType": "RESOURCE",
        "valueType": "EXPRESSION",
        "value": "(appuser != null) ? appuser.userName : app.clientId",
        "conditions": {"scopes": []},
    }
    computed = [
        {
            "name": name,
            "status": "ACTIVE",
            "claimType": "IDENTITY",
            "valueType": "SYSTEM",
            "conditions": {"scopes": [scope]},
        }
        for name, scope in _SYSTEM_CLAIMS.items()
    ]
    return [_finish_claim(ids, server, claim) for claim in (subject, *computed)]


def _finish_claim(ids: Ids, server: Body, claim: Body) -> Body:
    okta_id = ids.make("ocl")
    return {
        "id": okta_id,
        **claim,
        "system": True,
        "alwaysIncludeInToken": claim["name"] != "phone_number",
        "apiResourceId": None,
        "_links": {"self": _link(_self_link(server, f"claims/{okta_id}"), _ALL)},
    }


def build_keys(ids: Ids, server: Body) -> list[Body]:
    """The key in use and the one that comes next; keys carry a ``kid`` and no ``id``."""
    in_use: str = server["credentials"]["signing"]["kid"]
    kids = {"ACTIVE": in_use, "NEXT": ids.make_kid()}
    return [
        {
            "kty": "RSA",
            "status": status,
            "alg": "RS256",
            "kid": kid,
            "use": "sig",
            "_links": {"self": _link(_self_link(server, f"credentials/keys/{kid}"), _READ)},
            "e": "AQAB",
            "n": ids.make_modulus(),
        }
        for status, kid in kids.items()
    ]
