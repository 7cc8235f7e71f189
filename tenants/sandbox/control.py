"""Changing the sandbox's orgs from another process: a server side and a client.

The control port speaks plain HTTP on the loopback interface. A request is a POST of one JSON
object, ``{"host": ..., "do": ..., ...}``, with the key from the credentials file in the header
``x-sandbox-key``; the answer is ``{"result": ...}`` or ``{"error": "one sentence"}``.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from http.client import HTTPConnection
from pathlib import Path
from secrets import compare_digest
from typing import Any, Protocol

import msgspec

from tenants.sandbox.faults import FaultScript, read_fault
from tenants.sandbox.modes import MODES, set_mode
from tenants.sandbox.org import Org
from tenants.sandbox.replies import Reply, json_reply
from tenants.sandbox.requests import Request
from tenants.sandbox.store import Body

KEY_HEADER = "x-sandbox-key"
#: An org of thousands of apps takes a busy machine many seconds to fill.
PATIENCE_S = 60


class Orgs(Protocol):
    """What commands are carried out on: the running sandbox."""

    orgs: dict[str, Org]
    faults: FaultScript

    @property
    def add_org(self) -> Callable[..., Org]: ...


class ControlRefused(Exception):
    """What was asked of the sandbox makes no sense to it; the message says why."""


def answer_control(sandbox: Orgs, request: Request, *, key: str) -> Reply:
    """Carry out one command."""
    if not compare_digest(request.headers.get(KEY_HEADER, "").encode(), key.encode()):
        return json_reply({"error": "The control key is missing or wrong."}, 403)
    try:
        command = json.loads(request.body)
        return json_reply({"result": carry_out(sandbox, command)})
    except (ControlRefused, ValueError) as exc:
        return json_reply({"error": str(exc)}, 400)
    except (LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as exc:
        return json_reply({"error": f"The command lacks or misspells {exc}."}, 400)


def carry_out(sandbox: Orgs, command: Body) -> object:
    """Do what a command says, and return what comes of it.

    Raises:
        ControlRefused, ValueError: with a sentence.
        LookupError, TypeError, AttributeError, ArithmeticError: it is not shaped like one.
    """
    host, action = command.pop("host"), command.pop("do")
    if action in SANDBOX_ACTIONS:
        return SANDBOX_ACTIONS[action](sandbox, host, **command)
    if host not in sandbox.orgs:
        raise ControlRefused(f"There is no org at {host}.")
    if action not in ACTIONS:
        known = ", ".join(sorted({*ACTIONS, *SANDBOX_ACTIONS}))
        raise ControlRefused(f"Unknown command {action!r}; there are {known}.")
    return ACTIONS[action](sandbox.orgs[host], **command)


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
    set_mode(org, field, value)


def _set_rate_limit(org: Org, *, bucket: str, limit: int) -> None:
    if bucket not in org.rate_limits:
        raise ControlRefused(f"Unknown bucket {bucket!r}.")
    if int(limit) < 0:
        raise ControlRefused("A limit is 0 requests a minute or more.")
    org.rate_limits[bucket] = int(limit)


def _install(org: Org) -> Body:
    org.install()
    return describe_org(org)


def _rename_app(org: Org, *, id: str, label: str) -> None:
    org.put("app", {**org.get("app", id), "label": label})


def _add_fault(sandbox: Orgs, host: str, *, fault: Body) -> int:
    """Switch a fault on for this host, ``*`` for all, unless the fault names others itself."""
    return sandbox.faults.add(read_fault({"host": host, **fault}))


#: Commands on the sandbox; the host need not have an org.
SANDBOX_ACTIONS: dict[str, Callable[..., object]] = {
    "add_org": lambda sandbox, host, **sizes: describe_org(sandbox.add_org(host, **sizes)),
    "fault": _add_fault,
    "faults": lambda sandbox, host: sandbox.faults.report(),
    "clear_faults": lambda sandbox, host: sandbox.faults.clear(),
}

#: Commands on one org.
ACTIONS: dict[str, Callable[..., object]] = {
    "describe": describe_org,
    "install": _install,
    "revoke": lambda org: org.revoke_integration(),
    "rotate_secret": lambda org, keep_old=False: org.rotate_secret(keep_old=keep_old),
    "expire_tokens": lambda org: org.expire_tokens(),
    "use_push_provider": lambda org, id, in_use=True: org.use_push_provider(id, in_use=in_use),
    "grant": lambda org, scopes: org.grant(*scopes),
    "ungrant": lambda org, scopes: org.ungrant(*scopes),
    "set": _set,
    "rate_limit": _set_rate_limit,
    "put": lambda org, kind, body, parents=(): org.put(kind, body, *parents),
    "get": lambda org, kind, id, parents=(): org.get(kind, id, *parents),
    "list": lambda org, kind, parents=(): org.list(kind, *parents),
    "remove": lambda org, kind, id, parents=(): org.remove(kind, id, *parents),
    "rename_app": _rename_app,
    "modes": lambda org: msgspec.to_builtins({name: getattr(org, name) for name in MODES}),
    "ledger": lambda org, since=0: [asdict(entry) for entry in org.ledger.since(int(since))],
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
        connection = HTTPConnection("127.0.0.1", control["port"], timeout=PATIENCE_S)
        body = json.dumps({"host": host, "do": action, **arguments})
        connection.request("POST", "/", body, {KEY_HEADER: control["key"]})
        response = connection.getresponse()
        answer = json.loads(response.read())
        connection.close()
        if response.status != 200:
            raise ControlRefused(answer["error"])
        return answer["result"]
