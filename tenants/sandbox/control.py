"""Changing the sandbox's orgs from another process: a server side and a client.

The control port speaks plain HTTP on the loopback interface. A request is a POST of one JSON
object, ``{"host": ..., "do": ..., ...}``, with the key from the credentials file in the header
``x-sandbox-key``; the answer is ``{"result": ...}`` or ``{"error": "one sentence"}``.
"""

import json
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from secrets import compare_digest
from typing import Any

from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.requests import Request
from tenants.sandbox.store import Body

KEY_HEADER = "x-sandbox-key"

AddOrg = Callable[..., Org]

#: Plain fields of an org that the control port may set: ``{"do": "set", "field": ..., "value"}``.
_FIELDS = frozenset(
    {"client_kind", "licensed", "dead", "narrows_scopes", "token_lifetime_s", "delay_s"}
)


class ControlRefused(Exception):
    """What was asked of the sandbox makes no sense to it; the message says why."""


def answer_control(orgs: dict[str, Org], request: Request, *, key: str, add_org: AddOrg) -> Reply:
    """Carry out one command."""
    if not compare_digest(request.headers.get(KEY_HEADER, "").encode(), key.encode()):
        return json_reply({"error": "The control key is missing or wrong."}, 403)
    try:
        command = json.loads(request.body)
        return json_reply({"result": _carry_out(orgs, command, add_org)})
    except (ControlRefused, ValueError) as exc:
        return json_reply({"error": str(exc)}, 400)
    except (KeyError, TypeError, AttributeError) as exc:
        return json_reply({"error": f"The command lacks or misspells {exc}."}, 400)


def _carry_out(orgs: dict[str, Org], command: Body, add_org: AddOrg) -> object:
    host, action = command.pop("host"), command.pop("do")
    if action == "add_org":
        return describe_org(add_org(host, **command))
    if host not in orgs:
        raise ControlRefused(f"There is no org at {host}.")
    if action not in ACTIONS:
        raise ControlRefused(f"Unknown command {action!r}; there are {', '.join(sorted(ACTIONS))}.")
    return ACTIONS[action](orgs[host], **command)


def describe_org(org: Org) -> Body:
    """What a client needs to connect the org, its secret included."""
    return {
        "host": org.host,
        "client_id": org.client_id,
        "client_secret": org.client_secret,
        "org_id": org.org_id,
        "apps": len(org.list("app")),
        "weak": bool(org.planted),
        "planted": {rule: sorted(ids) for rule, ids in org.planted.items()},
    }


def _set(org: Org, *, field: str, value: Any) -> None:
    if field not in _FIELDS:
        raise ControlRefused(f"Unknown field {field!r}; there are {', '.join(sorted(_FIELDS))}.")
    setattr(org, field, value)


def _set_rate_limit(org: Org, *, bucket: str, limit: int) -> None:
    if bucket not in org.rate_limits:
        raise ControlRefused(f"Unknown bucket {bucket!r}.")
    org.rate_limits[bucket] = int(limit)


def _install(org: Org) -> Body:
    org.install()
    return describe_org(org)


def _rename_app(org: Org, *, id: str, label: str) -> None:
    org.put("app", {**org.get("app", id), "label": label})


ACTIONS: dict[str, Callable[..., object]] = {
    "describe": describe_org,
    "install": _install,
    "revoke": lambda org: org.revoke_integration(),
    "rotate_secret": lambda org, keep_old=False: org.rotate_secret(keep_old=keep_old),
    "expire_tokens": lambda org: org.expire_tokens(),
    "grant": lambda org, scopes: org.grant(*scopes),
    "ungrant": lambda org, scopes: org.ungrant(*scopes),
    "set": _set,
    "dead": lambda org, value=True: _set(org, field="dead", value=bool(value)),
    "licensed": lambda org, value=True: _set(org, field="licensed", value=bool(value)),
    "rate_limit": _set_rate_limit,
    "put": lambda org, kind, body, parents=(): org.put(kind, body, *parents),
    "get": lambda org, kind, id, parents=(): org.get(kind, id, *parents),
    "list": lambda org, kind, parents=(): org.list(kind, *parents),
    "remove": lambda org, kind, id, parents=(): org.remove(kind, id, *parents),
    "rename_app": _rename_app,
    "requests": lambda org: [(method, path, sorted(s)) for method, path, s in org.requests],
}


class Control:
    """The client: ``Control(credentials_file).do("acme.okta.com", "rotate_secret")``."""

    def __init__(self, credentials_file: Path | str) -> None:
        self.credentials: Body = json.loads(Path(credentials_file).read_text())

    def do(self, host: str, action: str, **arguments: object) -> Any:
        """Carry out one of ``ACTIONS`` (or ``add_org``) and return its result.

        Raises:
            ControlRefused: with the sandbox's own sentence.
            OSError: the sandbox does not run.
        """
        control = self.credentials["control"]
        connection = HTTPConnection("127.0.0.1", control["port"], timeout=10)
        body = json.dumps({"host": host, "do": action, **arguments})
        connection.request("POST", "/", body, {KEY_HEADER: control["key"]})
        response = connection.getresponse()
        answer = json.loads(response.read())
        connection.close()
        if response.status != 200:
            raise ControlRefused(answer["error"])
        return answer["result"]
