"""What holds for every row of the catalogue, and which rows are exceptions to it."""

import re
from collections import Counter

import pytest

from tenants.okta.operations import OPERATIONS, Bucket, Effect, Paging
from tenants.okta.operations.rules import bucket_of, effect_of, is_repeatable

ALL = tuple(OPERATIONS.values())
EXCEPTIONAL_EFFECTS = {
    "uploadApplicationLogo": Effect.REPLACE,
    "updateDefaultProvisioningConnectionForApplication": Effect.REPLACE,
    "verifyProvisioningConnectionForApplication": Effect.LIFECYCLE,
    "publishCsrFromApplication": Effect.CREATE,
    "revoke": Effect.DELETE,
    "updateFeatureForApplication": Effect.UPDATE,
    "introspect": Effect.READ,
}
EXCEPTIONALLY_REPEATABLE = {
    "verifyProvisioningConnectionForApplication": False,
    "rotateAuthorizationServerKeys": False,
    "updateFeatureForApplication": True,
    "token": True,
}


def test_no_two_operations_share_method_and_path():
    places = Counter((one.method, re.sub(r"\{\w+\}", "{}", one.path)) for one in ALL)

    assert [place for place, count in places.items() if count > 1] == []


def test_effects_follow_from_method_and_path_but_for_seven():
    others = {one.name: one.effect for one in ALL if one.effect != effect_of(one.method, one.path)}

    assert others == EXCEPTIONAL_EFFECTS


@pytest.mark.parametrize(
    ("method", "path", "effect"),
    [
        ("GET", "/api/v1/apps", Effect.READ),
        ("POST", "/api/v1/apps", Effect.CREATE),
        ("PUT", "/api/v1/apps/{appId}", Effect.REPLACE),
        ("PATCH", "/api/v1/apps/{appId}/groups/{groupId}", Effect.UPDATE),
        ("DELETE", "/api/v1/apps/{appId}", Effect.DELETE),
        ("POST", "/api/v1/apps/{appId}/lifecycle/activate", Effect.LIFECYCLE),
    ],
)
def test_an_effect_is_the_methods_or_a_lifecycle(method, path, effect):
    assert effect_of(method, path) == effect


def test_what_names_a_state_may_be_repeated_but_for_four():
    others = {
        one.name: one.repeatable for one in ALL if one.repeatable != is_repeatable(one.effect)
    }

    assert others == EXCEPTIONALLY_REPEATABLE
    assert not any(is_repeatable(effect) for effect in (Effect.CREATE, Effect.UPDATE))


@pytest.mark.parametrize(
    ("path", "bucket"),
    [
        ("/api/v1/apps", Bucket.APPS),
        ("/api/v1/apps/{appId}", Bucket.APP),
        ("/api/v1/apps/{appId}/grants", Bucket.APPS),
        ("/api/v1/apps/{appId}/lifecycle/activate", Bucket.APPS),
        ("/api/v1/authorizationServers/{authServerId}/credentials/keys", Bucket.API),
        ("/api/v1/push-providers", Bucket.API),
        ("/integrations/api/v1/api-services", Bucket.OTHER),
        ("/oauth2/v1/token", Bucket.TOKEN),
        ("/oauth2/v1/revoke", Bucket.OTHER),
    ],
)
def test_a_bucket_is_the_most_specific_one_that_fits(path, bucket):
    assert bucket_of(path) == bucket
    assert {one.bucket for one in ALL if one.path == path} == {bucket}


def test_every_row_is_in_the_bucket_of_its_path():
    assert all(one.bucket == bucket_of(one.path) for one in ALL)


def test_reading_needs_read_and_all_else_manage():
    for one in ALL:
        if one.path.startswith("/oauth2/"):
            assert one.scope == ""
        else:
            assert one.scope.endswith(".read" if one.effect == Effect.READ else ".manage")


def test_only_lists_have_pages_and_only_paged_lists_a_limit():
    for one in ALL:
        if one.paging == Paging.NONE:
            assert (one.page_limit, one.id_field) == (None, "id")
        else:
            assert (one.method, one.effect) == ("GET", Effect.READ)
            assert one.required == ()  # a listing is resumed from its path alone
        if one.page_limit:
            assert one.paging == Paging.CURSOR


def test_nothing_that_reads_or_deletes_by_its_method_sends_a_body():
    assert all(one.body == () for one in ALL if one.method in ("GET", "DELETE"))


def test_an_old_name_is_nobodys_name_now():
    old = [one.old_name for one in ALL if one.old_name]

    assert len(old) == len(set(old))
    assert set(old).isdisjoint(OPERATIONS)
