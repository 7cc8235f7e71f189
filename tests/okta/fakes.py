"""An org at the transport, and a source of tokens that keeps count."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tenants.okta.answers import Answer
from tenants.okta.egress import EgressPolicy, OrgConnection
from tenants.okta.errors import OktaError
from tenants.okta.hosts import DEFAULT_SUFFIXES
from tenants.okta.oauth import AccessToken

HOST = "acme.okta.com"
NOON = "Fri, 20 Nov 2026 12:00:00 GMT"
NOON_S = 1_795_176_000


def reply(body: object = None, status: int = 200, **headers: str | list[str]) -> Answer:
    """An answer with ``body`` as JSON; underscores in header names stand for hyphens."""
    lines = [("date", NOON)]
    if body is not None:
        lines.append(("content-type", "application/json"))
    for name, values in headers.items():
        name = name.replace("_", "-")
        lines = [line for line in lines if line[0] != name]
        lines += [(name, value) for value in ([values] if isinstance(values, str) else values)]
    content = (
        body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    )
    return Answer(status, tuple(lines), content)


def refusal(status: int, code: str, summary: str = "No.", **headers: str | list[str]) -> Answer:
    """Okta's error body."""
    body = {
        "errorCode": code,
        "errorSummary": summary,
        "errorLink": code,
        "errorId": "oaeAAAAAAAAAAAAAAAAAAAAAA",
        "errorCauses": [],
    }
    return reply(body, status, **headers)


def limits(limit: int, remaining: int, reset_in: int) -> dict[str, str]:
    return {
        "x_rate_limit_limit": str(limit),
        "x_rate_limit_remaining": str(remaining),
        "x_rate_limit_reset": str(NOON_S + reset_in),
    }


@dataclass(frozen=True)
class Sent:
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    slow: bool


class ScriptedOrg(OrgConnection):
    """Answers in the scripted order; an error in the script is raised."""

    def __init__(self, *script: Answer | OktaError) -> None:
        super().__init__(HOST, EgressPolicy(DEFAULT_SUFFIXES, {}, None, "hub-tests/1"), _no_name)
        self.script = list(script)
        self.sent: list[Sent] = []

    def send(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        deadline_s: float | None = None,
        slow: bool = False,
    ) -> Answer:
        self.requests += 1
        self.sent.append(Sent(method, target, headers or {}, body, slow))
        answer = self.script.pop(0)
        if isinstance(answer, OktaError):
            raise answer
        return answer


class FakeTokens:
    def __init__(self) -> None:
        self.asked: list[frozenset[str]] = []
        self.discarded: list[str] = []

    def token(self, scopes: frozenset[str]) -> AccessToken:
        self.asked.append(scopes)
        return AccessToken(f"token-{len(self.discarded) + 1}", scopes, NOON_S + 3600.0)

    def discard(self, token: AccessToken) -> None:
        self.discarded.append(token.value)


def _no_name(host: str) -> list[str]:
    raise AssertionError(f"a scripted org looked up {host}")
