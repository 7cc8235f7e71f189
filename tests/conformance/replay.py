"""Recorded exchanges had once more: the product's client asks, a recorded org answers."""

from collections.abc import Mapping
from typing import Any

from tenants.okta import bodies
from tenants.okta.answers import Answer
from tenants.okta.client import OktaClient
from tenants.okta.egress import EgressPolicy, OrgConnection
from tenants.okta.hosts import DEFAULT_SUFFIXES
from tenants.okta.oauth import fetch_access_token
from tenants.okta.operations import OPERATIONS, Bucket, Operation, Paging
from tests.conformance.recorded import Exchange, ids_in
from tests.conformance.tour.bodies import png
from tests.okta.fakes import FakeTokens, Sent

#: The name that stands for every org in the recordings.
HOST = "example.okta.com"


class RecordedOrg(OrgConnection):
    """Gives one answer to everything, and keeps the first request."""

    def __init__(self, answer: Answer) -> None:
        policy = EgressPolicy(DEFAULT_SUFFIXES, {}, None, "hub-tests/1")
        super().__init__(HOST, policy, lambda host: [])
        self._answer = answer
        self.first: Sent | None = None

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
        self.first = self.first or Sent(method, target, headers or {}, body, slow)
        return self._answer


class _Unlimited:
    """A budget that is never used up: recorded limits are those of years ago."""

    def ask(self, bucket: Bucket) -> float:
        return 0.0

    def settle(self, bucket: Bucket, answer: Answer | None) -> None:
        pass


def ask_again(org: RecordedOrg, one: Exchange, operation: Operation) -> Any:
    """What the product makes of the answer: for a listing its first `Page`.

    Raises:
        OktaError: what it takes a refusal for.
    """
    if operation is OPERATIONS["token"]:
        # The recorded clients signed an assertion; an integration sends its secret instead.
        scopes = frozenset(one.request_body["scope"].split())
        return fetch_access_token(org, client_id="0oaAny", client_secret="any", scopes=scopes)
    scopes = frozenset({operation.scope})
    client = OktaClient(org, FakeTokens(), scopes, budget=_Unlimited(), sleep=lambda seconds: None)
    path = ids_in(operation, one.path)
    if operation.paging != Paging.NONE:
        return next(client.pages(operation, path=path, query=one.query))
    return client.call(operation, path=path, query=one.query, body=_body(one))


def _body(one: Exchange) -> object:
    match one.request_kind:
        case "json":
            return one.request_body
        case "multipart":
            return bodies.logo(png())
        case _:
            return None
