import json
from base64 import b64encode
from contextlib import nullcontext

import pytest

from tenants.broker import okta_grant
from tenants.okta.answers import Answer
from tenants.okta.egress import EgressPolicy
from tenants.okta.errors import OktaAuthError
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
