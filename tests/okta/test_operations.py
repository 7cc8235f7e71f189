import pytest

from tenants.okta.operations import (
    FAMILIES,
    GET_APP,
    LIST_APPS,
    LIST_AS_RULES,
    LIST_AUTHORIZATION_SERVERS,
    OPERATIONS,
    Effect,
    allows,
    probe_for,
    scopes_of,
)

DELETE_APP = OPERATIONS["deleteApplication"]
SAML_METADATA = OPERATIONS["previewSAMLmetadataForApplication"]
TOKEN = OPERATIONS["token"]
PROBED = {
    "okta.apps": ("listApplications", {"limit": "1"}),
    "okta.authorizationServers": ("listAuthorizationServers", {"limit": "1"}),
    "okta.pushProviders": ("listPushProviders", {}),
    "okta.oauthIntegrations": ("listApiServiceIntegrationInstances", {}),
}


def test_every_operation_is_found_by_oktas_name_for_it():
    declared = [operation for family in FAMILIES.values() for operation in family]

    assert list(OPERATIONS.values()) == declared
    assert all(name == operation.name for name, operation in OPERATIONS.items())
    assert OPERATIONS["listApplications"] is LIST_APPS


def test_a_target_holds_its_ids_and_its_query():
    path = {"authServerId": "default", "policyId": "00p_-1"}

    assert LIST_AS_RULES.parameters == tuple(path)
    assert LIST_AS_RULES.target(path, {"a b": "c&d"}) == (
        "/api/v1/authorizationServers/default/policies/00p_-1/rules?a+b=c%26d"
    )


@pytest.mark.parametrize(
    "identifier", ["", "a/b", "..", "a?b", "a%2fb", "a b", "é", "a" * 65, "a\n"]
)
def test_an_id_that_would_steer_the_path_is_refused(identifier):
    with pytest.raises(ValueError, match="no Okta id"):
        GET_APP.target({"appId": identifier}, {})


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda operation: operation.name)
def test_every_parameter_of_every_path_must_be_an_id(operation):
    query = dict.fromkeys(operation.required, "x")
    good = dict.fromkeys(operation.parameters, "id_-1")

    assert "{" not in operation.target(good, query)
    for name in operation.parameters:
        with pytest.raises(ValueError, match="no Okta id"):
            operation.target(good | {name: "../users"}, query)


def test_a_missing_id_is_refused():
    with pytest.raises(ValueError, match="no Okta id"):
        GET_APP.target({}, {})


@pytest.mark.parametrize("query", [{}, {"kid": ""}, {"other": "x"}])
def test_a_required_part_of_the_query_is_asked_for(query):
    with pytest.raises(ValueError, match="previewSAMLmetadataForApplication needs kid"):
        SAML_METADATA.target({"appId": "0oa1"}, query)


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


def test_what_takes_credentials_needs_no_scope_and_is_allowed_by_none():
    assert scopes_of([TOKEN, LIST_APPS]) == {"okta.apps.read"}
    assert not allows(frozenset({"", "okta.apps.manage"}), TOKEN)


@pytest.mark.parametrize("resource", PROBED)
@pytest.mark.parametrize("strength", ["read", "manage"])
def test_a_scope_is_proven_by_one_cheap_read(resource, strength):
    operation, query = probe_for(f"{resource}.{strength}")

    assert (operation.name, query) == PROBED[resource]


@pytest.mark.parametrize(
    "scope", ["okta.appGrants.read", "okta.appGrants.manage", "okta.users.read", ""]
)
def test_a_scope_without_a_read_that_needs_no_id_has_no_probe(scope):
    assert probe_for(scope) is None


@pytest.mark.parametrize(
    "scope", sorted({operation.scope for operation in OPERATIONS.values()} - {""})
)
def test_a_probe_is_a_read_that_the_scope_allows(scope):
    found = probe_for(scope)

    if found is None:
        assert scope.startswith("okta.appGrants.")
    else:
        assert found[0].effect == Effect.READ
        assert allows(frozenset({scope}), found[0])
