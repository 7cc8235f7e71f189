"""Groups assigned to apps, and scopes granted to them."""

import json
from typing import Any

import pytest

from tenants.sandbox.org import Org
from tests.sandbox.app_bodies import bookmark, oidc
from tests.sandbox.caller import Answer, Caller

APPS = "/api/v1/apps"


@pytest.fixture
def app(manager: Caller) -> str:
    """The path of an app that nobody may use yet."""
    return f"{APPS}/{manager.send('POST', APPS, oidc()).json()['id']}"


@pytest.fixture
def groups(org: Org) -> list[str]:
    return [group["id"] for group in org.list("group")]


def patch(manager: Caller, path: str, *operations: dict[str, object]) -> Answer:
    return manager.send("PATCH", path, list(operations))


def test_an_assigned_group_is_listed_and_found(
    manager: Caller, app: str, groups: list[str]
) -> None:
    answer = manager.send("PUT", f"{app}/groups/{groups[1]}")

    assignment = answer.json()
    assert answer.status == 200
    assert {"id": groups[1], "priority": 0, "profile": {}}.items() <= assignment.items()
    assert assignment["_links"]["group"]["href"].endswith(f"/api/v1/groups/{groups[1]}")
    assert manager.get(f"{app}/groups").json() == [assignment]
    assert manager.get(f"{app}/groups/{groups[1]}").json() == assignment


def test_assigning_again_changes_what_is_named(
    manager: Caller, app: str, groups: list[str]
) -> None:
    path = f"{app}/groups/{groups[1]}"
    manager.send("PUT", path, {"priority": 3, "profile": {"role": "admin"}})

    again = manager.send("PUT", path, {"priority": 4}).json()

    assert (again["priority"], again["profile"]) == (4, {"role": "admin"})


@pytest.mark.parametrize(
    "body", [{"priority": "high"}, {"priority": -1}, {"priority": True}, {"profile": []}, []]
)
def test_an_assignment_that_makes_no_sense_is_refused(
    manager: Caller, app: str, groups: list[str], body: object
) -> None:
    assert manager.send("PUT", f"{app}/groups/{groups[1]}", body).status == 400
    assert manager.get(f"{app}/groups").json() == []


def test_a_group_must_exist(manager: Caller, app: str) -> None:
    answer = manager.send("PUT", f"{app}/groups/00gGone")

    summary = "Not found: Resource not found: 00gGone (UserGroup)"
    assert (answer.status, answer.json()["errorSummary"]) == (404, summary)


def test_groups_come_in_pages_of_twenty_at_least(manager: Caller, app: str, org: Org) -> None:
    group = org.list("group")[0]
    for number in range(25):
        org.put("group", group | {"id": f"00g{number}", "profile": {"name": f"Team {number}"}})
        manager.send("PUT", f"{app}/groups/00g{number}")

    first = manager.get(f"{app}/groups")
    second = manager.get(first.links["next"].removeprefix("https://acme.okta.com"))

    assert [len(page.json()) for page in (first, second)] == [20, 5]
    assert "limit=20" in first.links["self"]
    assert "next" not in second.links
    assert [body["id"] for body in manager.get(f"{app}/groups?q=team+24").json()] == ["00g24"]
    for limit in (10, 19, 201):
        assert manager.get(f"{app}/groups?limit={limit}").status == 400


def test_an_assignment_shows_its_group_when_asked(
    manager: Caller, app: str, org: Org, groups: list[str]
) -> None:
    path = f"{app}/groups/{groups[1]}"
    manager.send("PUT", path)

    one = manager.get(f"{path}?expand=group").json()
    (listed,) = manager.get(f"{app}/groups?expand=group").json()
    metadata = manager.get(f"{path}?expand=metadata").json()

    assert one["_embedded"]["group"] == org.get("group", groups[1])
    assert listed == one
    assert "metadata" in metadata["_embedded"]
    assert manager.get(f"{path}?expand=user").status == 400


def test_a_patch_changes_a_part_of_the_assignment(
    manager: Caller, app: str, groups: list[str]
) -> None:
    path = f"{app}/groups/{groups[1]}"
    manager.send("PUT", path, {"profile": {"role": "user", "a/b": 1}})

    answer = patch(
        manager,
        path,
        {"op": "replace", "path": "/profile/role", "value": "admin"},
        {"op": "remove", "path": "/profile/a~1b"},
        {"op": "replace", "path": "/priority", "value": 7},
    )

    patched = answer.json()
    assert (answer.status, patched["profile"], patched["priority"]) == (200, {"role": "admin"}, 7)
    assert manager.get(path).json() == patched


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/id", "value": "00gOther"},
        {"op": "replace", "path": "/profile/missing", "value": 1},
        {"op": "remove", "path": "/priority"},
        {"op": "replace", "path": "/priority", "value": "first"},
        {"op": "replace", "path": "/profile"},
        {"op": "copy", "path": "/profile/role", "from": "/id"},
        {"op": "replace", "path": "profile", "value": {}},
        {"op": "remove", "path": None},
        {},
    ],
)
def test_a_patch_that_makes_no_sense_changes_nothing(
    manager: Caller, app: str, groups: list[str], operation: dict[str, object]
) -> None:
    path = f"{app}/groups/{groups[1]}"
    before = manager.send("PUT", path, {"profile": {"role": "user"}}).json()
    good: dict[str, object] = {"op": "replace", "path": "/profile/role", "value": "admin"}

    assert patch(manager, path, good, operation).status == 400
    assert manager.get(path).json() == before


def test_an_unassigned_group_is_gone(manager: Caller, app: str, groups: list[str]) -> None:
    path = f"{app}/groups/{groups[1]}"
    manager.send("PUT", path)

    assert [manager.send("DELETE", path).status for _ in range(2)] == [204, 404]
    assert manager.get(f"{app}/groups").json() == []


def test_a_grant_shows_its_scope_where_it_is_made_or_asked_for(manager: Caller, app: str) -> None:
    body = {"issuer": "https://acme.okta.com", "scopeId": "okta.users.read"}

    answer = manager.send("POST", f"{app}/grants", body)

    grant: Any = answer.json()
    path = f"{app}/grants/{grant['id']}"
    assert answer.status == 201
    assert {**body, "status": "ACTIVE", "source": "ADMIN"}.items() <= grant.items()
    assert grant["_embedded"] == {"scope": {"id": "okta.users.read"}}
    assert "_embedded" not in manager.get(path).json()
    assert manager.get(f"{path}?expand=scope").json() == grant
    assert manager.get(f"{app}/grants?expand=scope").json() == [grant]
    assert "_embedded" not in manager.get(f"{app}/grants").json()[0]


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://acme.okta.com/oauth2/default"},
        {"issuer": None},
        {"scopeId": "okta.unicorns.read"},
        {"scopeId": ""},
        {"scopeId": ["okta.users.read"]},
    ],
)
def test_a_grant_is_of_a_scope_of_the_org(
    manager: Caller, app: str, change: dict[str, object]
) -> None:
    body = {"issuer": "https://acme.okta.com", "scopeId": "okta.users.read", **change}

    assert manager.send("POST", f"{app}/grants", body).status == 400
    assert manager.get(f"{app}/grants").json() == []


def test_a_scope_is_granted_once_until_it_is_revoked(manager: Caller, app: str) -> None:
    body = {"issuer": "https://acme.okta.com", "scopeId": "okta.users.read"}
    grant = manager.send("POST", f"{app}/grants", body).json()

    again = manager.send("POST", f"{app}/grants", body).status
    revoked = manager.send("DELETE", f"{app}/grants/{grant['id']}").status

    assert (again, revoked) == (400, 204)
    assert manager.send("POST", f"{app}/grants", body).status == 201


def test_only_an_oauth_client_is_granted_anything(manager: Caller) -> None:
    app = f"{APPS}/{manager.send('POST', APPS, bookmark()).json()['id']}"
    body = {"issuer": "https://acme.okta.com", "scopeId": "okta.users.read"}

    assert manager.send("POST", f"{app}/grants", body).status == 404


def test_grants_need_a_scope_of_their_own(client: Caller, org: Org) -> None:
    app = org.list("app")[0]["id"]

    answer = client.get(f"{APPS}/{app}/grants")

    assert answer.status == 403
    assert 'scope="okta.appGrants.read"' in json.dumps(answer.headers["www-authenticate"]).replace(
        "\\", ""
    )
