"""Whatever is sent to change an app, the answer is Okta's, never a failure of the sandbox."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenants.okta.operations import FAMILIES, Effect, Operation
from tenants.sandbox.limits import APPS, ONE_APP
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.sandbox import app_bodies
from tests.sandbox.caller import Answer, Caller

_NAMES = """
    name label signOnMode settings credentials oauthClient app signOn visibility profile status
    priority issuer scopeId client_secret kty kid use n e x y subject subjectAltNames dnsNames op
    path value authScheme token grant_types jwks keys create update lifecycleCreate signing hide
    token_endpoint_auth_method redirect_uris userNameTemplate application_type url
"""
_WORDS = """
    oidc_client bookmark OPENID_CONNECT SAML_2_0 AUTO_LOGIN ACTIVE RSA EC sig enc TOKEN OAUTH2
    replace remove /profile /priority none private_key_jwt client_credentials
"""
#: Words that mean something somewhere, so that a random body gets past the first check.
NAMES = st.sampled_from(_NAMES.split())
WORDS = st.sampled_from(_WORDS.split())
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | WORDS
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(NAMES | st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=20,
)

WRITES = [
    operation
    for title in (
        "Applications",
        "Provisioning of an app",
        "Groups and grants of an app",
        "Credentials of an app",
    )
    for operation in FAMILIES[title]
    if operation.effect != Effect.READ
]


GOOD_BODIES = [
    app_bodies.oidc(),
    app_bodies.saml(),
    app_bodies.bookmark(),
    app_bodies.ORG2ORG,
]


class Target:
    """An org with an app that has one of everything."""

    def __init__(self, org: Org, caller: Caller) -> None:
        self.org, self.caller = org, caller
        self.made: dict[str, str] = {}
        self.app = caller.send("POST", APPS, app_bodies.oidc()).json()["id"]
        org.put("app_connection", {"id": "default", "status": "DISABLED"}, self.app)
        caller.send("PUT", f"{APPS}/{self.app}/groups/{org.list('group')[0]['id']}")

    def like(self, good: app_bodies.Body) -> str:
        """The path of an app that this body made."""
        if good["label"] not in self.made:
            made = self.caller.send("POST", APPS, good).json()
            self.made[good["label"]] = f"{APPS}/{made['id']}"
        return self.made[good["label"]]

    def path_of(self, operation: Operation) -> str:
        known = {
            "appId": self.app,
            "appName": "oidc_client",
            "featureName": "USER_PROVISIONING",
            "groupId": self.org.list("group")[0]["id"],
            "policyId": self.org.list("sign_on_policy")[0]["id"],
            "keyId": self.org.list("app_key", self.app)[0]["kid"],
            "secretId": self.org.list("app_secret", self.app)[0]["id"],
            "csrId": "unknown",
            "grantId": "unknown",
        }
        path = operation.path
        for name in operation.parameters:
            path = path.replace(f"{{{name}}}", known[name])
        return path


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    directory: Path = tmp_path_factory.mktemp("sandbox")
    with Sandbox(directory=directory) as sandbox:
        org = sandbox.add_org("acme.okta.com", apps=10)
        org.grant("okta.apps.manage", "okta.appGrants.manage")
        org.rate_limits[APPS] = org.rate_limits[ONE_APP] = 10**9
        with closing(Caller(sandbox, org.host)) as caller:
            yield Target(org, caller.sign_in(org))


def is_okta_like(answer: Answer) -> bool:
    if 200 <= answer.status < 300:
        return True
    error: Any = answer.json()
    return 400 <= answer.status < 500 and error["errorCode"] == error["errorLink"]


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.name)
@settings(max_examples=15, deadline=None)
@given(body=JSON)
def test_any_json_is_answered(target: Target, operation: Operation, body: object) -> None:
    kind = {"content_type": "application/json"} if "application/json" in operation.body else {}

    answer = target.caller.call(
        operation.method, target.path_of(operation), body=json.dumps(body).encode(), **kind
    )

    assert is_okta_like(answer), answer.body


@settings(max_examples=60, deadline=None)
@given(
    change=JSON,
    place=st.sampled_from(["settings", "credentials", "visibility", "label"]),
    good=st.sampled_from(GOOD_BODIES),
)
def test_any_change_of_a_good_app_is_answered(
    target: Target, change: Any, place: str, good: app_bodies.Body
) -> None:
    body = json.loads(json.dumps({**good, place: change}))

    for method, path in (("POST", APPS), ("PUT", target.like(good))):
        assert is_okta_like(target.caller.send(method, path, body))


NESTED: dict[str, Callable[[str], str]] = {
    "profile": lambda deep: f'{{"profile":{deep}}}',
    "settings": lambda deep: f'{{"name":"bookmark","label":"x","settings":{{"app":{deep}}}}}',
}


@pytest.mark.parametrize("depth", [*range(900, 1000, 7), 100_000])
def test_deep_nesting_is_answered(target: Target, depth: int) -> None:
    deep = '{"a":' * depth + "1" + "}" * depth
    group = target.org.list("group")[0]["id"]
    path = f"{APPS}/{target.app}/groups/{group}"

    for method, where, body in (
        ("PUT", path, NESTED["profile"](deep)),
        ("POST", APPS, NESTED["settings"](deep)),
    ):
        answer = target.caller.call(
            method, where, body=body.encode(), content_type="application/json"
        )
        assert is_okta_like(answer), depth
    assert target.caller.get(f"{APPS}?limit=200").status == 200
    assert target.caller.get(f"{path}?expand=group").status == 200
