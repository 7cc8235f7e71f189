"""No body, however odd, brings anything but an answer in one of Okta's two shapes."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants.okta.operations import OPERATIONS
from tenants.sandbox.org import Org
from tenants.sandbox.seed.ids import Ids
from tests.sandbox.caller import Caller, basic

FAMILIES = ("/api/v1/authorizationServers", "/api/v1/push-providers", "/integrations/")
WRITES = sorted(
    operation.name
    for operation in OPERATIONS.values()
    if operation.method in ("POST", "PUT") and operation.path.startswith(FAMILIES)
)

#: A body for each operation that takes one, from which the odd ones are made.
_SERVER = {
    "name": "a",
    "description": "b",
    "audiences": ["c"],
    "issuerMode": "ORG_URL",
    "credentials": {"signing": {"rotationMode": "MANUAL"}},
    "accessTokenEncryptedResponseAlgorithm": "RSA-OAEP-256",
    "jwks_uri": "https://example.com/keys",
}
_KEY = {
    "kid": "k",
    "kty": "RSA",
    "use": "enc",
    "e": "AQAB",
    "n": Ids("hostile").make_modulus(),
    "status": "INACTIVE",
}
_POLICY = {
    "type": "OAUTH_AUTHORIZATION_POLICY",
    "name": "a",
    "description": "b",
    "priority": 1,
    "status": "ACTIVE",
    "conditions": {"clients": {"include": ["ALL_CLIENTS"]}},
}
_RULE = {
    "type": "RESOURCE_ACCESS",
    "name": "a",
    "priority": 1,
    "status": "INACTIVE",
    "conditions": {
        "people": {"users": {"include": ["u"], "exclude": []}, "groups": {"include": ["g"]}},
        "grantTypes": {"include": ["password"]},
        "scopes": {"include": ["*"]},
    },
    "actions": {
        "token": {
            "accessTokenLifetimeMinutes": 60,
            "refreshTokenLifetimeMinutes": 60,
            "refreshTokenWindowMinutes": 60,
            "inlineHook": {"id": "h"},
        }
    },
}
_SCOPE = {"name": "s", "displayName": "d", "description": "e", "consent": "REQUIRED"}
_CLAIM = {
    "name": "c",
    "status": "ACTIVE",
    "claimType": "IDENTITY",
    "valueType": "GROUPS",
    "value": ".*",
    "group_filter_type": "REGEX",
    "conditions": {"scopes": ["openid"]},
    "alwaysIncludeInToken": True,
}
_APPLE = {
    "name": "p",
    "providerType": "APNS",
    "configuration": {
        "keyId": "KEY7654321",
        "teamId": "TEAM654321",
        "tokenSigningKey": "-----BEGIN PRIVATE KEY-----",
        "fileName": "f",
    },
}
_GOOGLE = {
    "name": "g",
    "providerType": "FCM",
    "configuration": {
        "serviceAccountJson": {"project_id": "p", "private_key": "k", "client_email": "m"}
    },
}
_SERVICE = {"type": "a_b", "grantedScopes": ["okta.logs.read"], "properties": {"a": "b"}}
SENSIBLE = (
    {**_SERVER, "jwks": {"keys": [_KEY]}},
    _KEY,
    _POLICY,
    _RULE,
    {**_SCOPE, "default": True, "optional": True, "metadataPublish": "ALL_CLIENTS"},
    _CLAIM,
    _APPLE,
    _GOOGLE,
    _SERVICE,
    {"use": "sig"},
    {"trusted": ["default"]},
)

LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),  # NaN and the infinities, too, which Python writes and JSON does not know
    st.text(st.characters(exclude_categories=())),  # and halves of surrogate pairs
    st.sampled_from(["", "default", "ALL_CLIENTS", "*", "ACTIVE", "SYSTEM", "sig", "REGEX"]),
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where in a body something could be put in place of what is there."""
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    return [path, *(place for key, inner in items for place in places(inner, (*path, key)))]


def replaced(body: Any, place: tuple[Any, ...], odd: Any) -> Any:
    if not place:
        return odd
    changed = deepcopy(body)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = odd
    return changed


ODD_BODIES = st.sampled_from(SENSIBLE).flatmap(
    lambda body: st.builds(replaced, st.just(body), st.sampled_from(places(body)), ANYTHING)
)


@pytest.fixture
def paths(org: Org) -> dict[str, str]:
    """A path that leads to something, for each write."""
    server = org.list("authorization_server")[1]["id"]
    policy = org.list("as_policy", server)[0]["id"]
    service = org.list("api_service")[0]["id"]
    ids = {
        "authServerId": server,
        "policyId": policy,
        "ruleId": org.list("as_rule", server, policy)[0]["id"],
        "scopeId": org.list("as_scope", server)[-1]["id"],
        "claimId": org.list("as_claim", server)[0]["id"],
        "keyId": org.list("as_resource_key", server)[1]["id"],
        "pushProviderId": org.list("push_provider")[0]["id"],
        "apiServiceId": service,
        "secretId": org.list("api_service_secret", service)[0]["id"],
    }
    return {name: OPERATIONS[name].path.format(**ids) for name in WRITES}


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(name=st.sampled_from(WRITES), body=ODD_BODIES)
def test_every_body_gets_an_answer(
    manager: Caller, org: Org, paths: dict[str, str], name: str, body: Any
) -> None:
    org.limits.reset()

    answer = manager.call(
        OPERATIONS[name].method,
        paths[name],
        body=json.dumps(body).encode(),
        content_type="application/json",
    )

    assert answer.status in (200, 201, 204, 400, 401, 403, 404)
    if answer.status >= 400:
        assert {"errorCode", "errorSummary", "errorCauses"} <= answer.json().keys()
    if answer.status == 401:  # our own secret or server may have been switched off
        manager.sign_in(org)


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(name=st.sampled_from(["token", "revoke", "introspect"]), body=st.binary(max_size=60))
def test_every_form_gets_an_answer(stranger: Caller, org: Org, name: str, body: bytes) -> None:
    org.limits.reset()

    answer = stranger.call(
        "POST",
        OPERATIONS[name].path,
        body=body,
        content_type="application/x-www-form-urlencoded",
        authorization=basic(org.client_id, org.client_secret),
    )

    assert answer.status in (200, 400, 401)
    if answer.status >= 400:
        assert {"error", "error_description"} == answer.json().keys()
