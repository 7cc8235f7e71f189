import json
from base64 import b64encode
from contextlib import nullcontext

import pytest

from tenants.broker import okta_grant
from tenants.okta.answers import Answer
from tenants.okta.egress import EgressPolicy
from tenants.okta.errors import OktaAuthError, OktaScopeError
from tenants.vault.secret import Secret
from tests.broker.okta import CANARY_SECRET, READ_APPS, grant_of

POLICY = EgressPolicy(suffixes=("okta.com",), dial={}, ca_bundle=None, user_agent="tests")
GRANTED = {
    "token_type": "Bearer",
    "expires_in": 3600,
    "access_token": "eyJ",
    "scope": "okta.apps.read",
}
REFUSED = {"error": "invalid_client", "error_description": "The client secret is invalid."}


class Org:
    """Stands for an open connection; remembers how it was reached and what it was sent."""

    def __init__(self, status: int, body: dict) -> None:
        self.sent: list[tuple] = []
        self.reached: list[tuple] = []
        header = (("content-type", "application/json"),)
        self.answer = Answer(status=status, headers=header, body=json.dumps(body).encode())

    def open(self, host, policy):
        self.reached.append((host, policy))
        return nullcontext(self)

    def send(self, method, target, *, headers, body, deadline_s):
        self.sent.append((method, target, headers, body))
        return self.answer


@pytest.fixture
def org(request, monkeypatch) -> Org:
    org = Org(*getattr(request, "param", (200, GRANTED)))
    monkeypatch.setattr(okta_grant, "open_org", org.open)
    return org


def test_the_token_is_asked_of_the_grants_own_org_under_the_policy(org):
    token = okta_grant.fetch_token(POLICY)(grant_of(), Secret(CANARY_SECRET), READ_APPS)

    [(method, target, headers, body)] = org.sent
    basic = b64encode(f"0oa1:{CANARY_SECRET}".encode()).decode()
    assert org.reached == [("acme.okta.com", POLICY)]
    assert (method, target) == ("POST", "/oauth2/v1/token")
    assert f"Basic {basic}" in headers.values()
    assert b"scope=okta.apps.read" in body
    assert (token.value, token.scopes) == ("eyJ", READ_APPS)


@pytest.mark.parametrize("org", [(401, REFUSED)], indirect=True, ids=["wrong secret"])
def test_a_refusal_does_not_repeat_the_secret(org):
    with pytest.raises(OktaAuthError) as refused:
        okta_grant.fetch_token(POLICY)(grant_of(), Secret(CANARY_SECRET), READ_APPS)

    assert CANARY_SECRET not in f"{refused.value} {refused.value!r} {vars(refused.value)}"


class NarrowOrg(Org):
    """Grants `READ_APPS` alone, and does not say which of several scopes it refuses."""

    def __init__(self, then: int = 400) -> None:
        super().__init__(200, GRANTED)
        self.refusals = [400, then]

    def send(self, method, target, *, headers, body, deadline_s):
        granted = super().send(method, target, headers=headers, body=body, deadline_s=deadline_s)
        if b"authorizationServers" not in body:
            return granted
        status = self.refusals.pop(0)
        told = {"error": "invalid_scope" if status == 400 else "temporarily_unavailable"}
        return Answer(status=status, headers=granted.headers, body=json.dumps(told).encode())


@pytest.mark.parametrize(
    ("org", "named"),
    [(NarrowOrg(), "okta.authorizationServers.read"), (NarrowOrg(then=503), "")],
    ids=["found out", "not found out"],
)
def test_of_several_scopes_the_one_that_was_not_granted_is_named(org, named, monkeypatch):
    monkeypatch.setattr(okta_grant, "open_org", org.open)
    several = READ_APPS | {"okta.authorizationServers.read"}

    with pytest.raises(OktaScopeError) as refused:
        okta_grant.fetch_token(POLICY)(grant_of(), Secret(CANARY_SECRET), several)

    assert refused.value.missing_scope == named
    assert len(org.sent) == 3
