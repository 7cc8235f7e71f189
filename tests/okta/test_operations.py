import pytest

from tenants.okta.operations import (
    GET_APP,
    LIST_API_SERVICES,
    LIST_APP_GRANTS,
    LIST_APPS,
    LIST_AS_KEYS,
    LIST_AS_RULES,
    LIST_AUTHORIZATION_SERVERS,
    OPERATIONS,
    Bucket,
    Effect,
    Operation,
    allows,
    probe_for,
    scopes_of,
)

DELETE_APP = Operation(
    "deleteApplication",
    "DELETE",
    "/api/v1/apps/{appId}",
    "okta.apps.manage",
    Effect.DELETE,
    Bucket.APP,
)


def test_every_operation_is_found_by_oktas_name_for_it():
    assert len(OPERATIONS) >= 12
    assert all(name == operation.name for name, operation in OPERATIONS.items())
    assert OPERATIONS["listApplications"] is LIST_APPS


def test_effect_and_bucket_follow_from_method_and_path():
    assert {operation.effect for operation in OPERATIONS.values()} == {Effect.READ}
    assert LIST_APPS.bucket == LIST_APP_GRANTS.bucket == Bucket.APPS
    assert GET_APP.bucket == Bucket.APP
    assert LIST_AS_KEYS.bucket == Bucket.API
    assert LIST_API_SERVICES.bucket == Bucket.OTHER


def test_a_target_holds_its_ids_and_its_query():
    path = {"authServerId": "default", "policyId": "00p_-1"}

    assert LIST_AS_RULES.target(path, {"a b": "c&d"}) == (
        "/api/v1/authorizationServers/default/policies/00p_-1/rules?a+b=c%26d"
    )


@pytest.mark.parametrize(
    "identifier", ["", "a/b", "..", "a?b", "a%2fb", "a b", "é", "a" * 65, "a\n"]
)
def test_an_id_that_would_steer_the_path_is_refused(identifier):
    with pytest.raises(ValueError, match="not an Okta id"):
        GET_APP.target({"appId": identifier}, {})


def test_a_missing_id_is_refused():
    with pytest.raises(ValueError, match="not an Okta id"):
        GET_APP.target({}, {})


def test_operations_need_the_union_of_their_scopes():
    assert scopes_of([LIST_APPS, GET_APP, LIST_AUTHORIZATION_SERVERS]) == {
        "okta.apps.read",
        "okta.authorizationServers.read",
    }
    assert scopes_of([]) == frozenset()


def test_managing_stands_for_reading():
    assert scopes_of([LIST_APPS, DELETE_APP]) == {"okta.apps.manage"}
    assert allows(frozenset({"okta.apps.manage"}), LIST_APPS)
    assert not allows(frozenset({"okta.apps.read"}), DELETE_APP)
    assert not allows(frozenset(), LIST_APPS)


@pytest.mark.parametrize(
    ("scope", "name", "query"),
    [
        ("okta.apps.read", "listApplications", {"limit": "1"}),
        ("okta.apps.manage", "listApplications", {"limit": "1"}),
        ("okta.authorizationServers.read", "listAuthorizationServers", {"limit": "1"}),
        ("okta.pushProviders.read", "listPushProviders", {}),
        ("okta.oauthIntegrations.read", "listApiServiceIntegrationInstances", {}),
    ],
)
def test_a_scope_is_proven_by_one_cheap_read(scope, name, query):
    operation, with_query = probe_for(scope)

    assert (operation.name, with_query) == (name, query)


@pytest.mark.parametrize("scope", ["okta.appGrants.read", "okta.users.read", ""])
def test_a_scope_without_a_read_that_needs_no_id_has_no_probe(scope):
    assert probe_for(scope) is None
