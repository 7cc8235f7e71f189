from urllib.parse import quote, urlsplit

import pytest

from tenants.sandbox.org import Org
from tests.sandbox.app_bodies import saml
from tests.sandbox.caller import Answer, Caller


def walk(client: Caller, path: str) -> list[Answer]:
    """Every page from here on, following ``next``."""
    pages = [client.get(path)]
    while following := pages[-1].links.get("next"):
        address = urlsplit(following)
        pages.append(client.get(f"{address.path}?{address.query}"))
    return pages


def test_apps_come_in_pages_of_twenty_unless_told_otherwise(client: Caller, org: Org) -> None:
    pages = walk(client, "/api/v1/apps")

    ids = [app["id"] for page in pages for app in page.json()]
    assert [len(page.json()) for page in pages] == [20, 20, 5]
    assert ids == [app["id"] for app in org.list("app")]


def test_pages_may_be_shorter_than_asked_for(client: Caller, org: Org) -> None:
    org.max_page_size = 30

    pages = walk(client, "/api/v1/apps?limit=200")

    ids = [app["id"] for page in pages for app in page.json()]
    assert [len(page.json()) for page in pages] == [30, 15]
    assert ids == [app["id"] for app in org.list("app")]
    assert "limit=200" in pages[0].links["next"]


def test_each_relation_has_a_header_line_of_its_own(client: Caller, org: Org) -> None:
    answer = client.get("/api/v1/apps?limit=2")

    last = answer.json()[-1]["id"]
    base = "https://acme.okta.com/api/v1/apps?"
    assert answer.headers.get_all("link") == [
        f'<{base}limit=2>; rel="self"',
        f'<{base}after={last}&limit=2>; rel="next"',
    ]


def test_links_put_parameters_into_their_own_order_and_drop_the_rest(client: Caller) -> None:
    answer = client.get(
        "/api/v1/apps?filter=status%20eq%20%22ACTIVE%22&useOptimization=false&q=a&limit=1"
        "&includeNonDeleted=true"
    )

    query = "limit=1&q=a&filter=status+eq+%22ACTIVE%22"
    assert answer.links["self"] == f"https://acme.okta.com/api/v1/apps?{query}"


def test_a_cursor_nobody_ever_got_is_refused(client: Caller) -> None:
    answer = client.get("/api/v1/apps?after=junk")

    error = answer.json()
    assert (answer.status, error["errorCode"]) == (400, "E0000029")
    assert error["errorCauses"] == [{"errorSummary": "Invalid cursor."}]


def test_a_cursor_outlives_its_app(client: Caller, org: Org) -> None:
    first = client.get("/api/v1/apps?limit=10")
    expected = [app["id"] for app in org.list("app")][10:20]
    org.remove("app", first.json()[-1]["id"])

    answer = client.get(f"/api/v1/apps?limit=10&{urlsplit(first.links['next']).query}")

    assert [app["id"] for app in answer.json()] == expected


@pytest.mark.parametrize(
    "limit", ["0", "201", "ten", "-2", "²", pytest.param("9" * 5000, id="long")]
)
def test_a_limit_outside_the_bounds_is_refused(client: Caller, limit: str) -> None:
    answer = client.get(f"/api/v1/apps?limit={quote(limit)}")

    assert (answer.status, answer.json()["errorCode"]) == (400, "E0000001")


def test_two_hundred_is_allowed(client: Caller) -> None:
    assert len(client.get("/api/v1/apps?limit=200").json()) == 45


def test_q_matches_the_beginning_of_a_label(client: Caller, org: Org) -> None:
    label = org.list("app")[0]["label"]

    found = client.get(f"/api/v1/apps?q={quote(label[:6].upper())}").json()

    assert label in [app["label"] for app in found]
    assert len(found) < 10


def test_a_filter_selects_by_status_and_pages(client: Caller, org: Org) -> None:
    path = "/api/v1/apps?limit=3&filter=" + quote('status eq "INACTIVE"')

    found = [app["id"] for page in walk(client, path) for app in page.json()]

    assert found == [app["id"] for app in org.list("app") if app["status"] == "INACTIVE"]
    assert len(found) > 3


@pytest.mark.parametrize(("enabled", "found"), [("true", 1), ("false", 45)])
def test_a_filter_selects_by_single_logout(manager: Caller, enabled: str, found: int) -> None:
    manager.send("POST", "/api/v1/apps", saml(slo={"enabled": True}))
    path = "/api/v1/apps?limit=200&filter=" + quote(f"settings.slo.enabled eq {enabled}")

    assert len(manager.get(path).json()) == found


@pytest.mark.parametrize(
    ("query", "code"),
    [("filter=status", "E0000031"), ("expand=user/id,group/id", "E0000001")],
)
def test_a_search_that_makes_no_sense_is_refused(client: Caller, query: str, code: str) -> None:
    answer = client.get(f"/api/v1/apps?{query}")

    assert (answer.status, answer.json()["errorCode"]) == (400, code)


def test_inactive_apps_are_listed_without_being_asked_for(client: Caller) -> None:
    apps = client.get("/api/v1/apps?limit=200").json()

    assert {app["status"] for app in apps} == {"ACTIVE", "INACTIVE"}


def test_the_last_page_of_authorization_servers_still_has_a_next(client: Caller) -> None:
    pages = walk(client, "/api/v1/authorizationServers")

    assert [len(page.json()) for page in pages] == [3, 0]
    assert "limit=200" in pages[0].links["next"]


def test_small_pages_of_authorization_servers_show_each_once(client: Caller, org: Org) -> None:
    pages = walk(client, "/api/v1/authorizationServers?limit=1")

    ids = [server["id"] for page in pages for server in page.json()]
    assert ids == [server["id"] for server in org.list("authorization_server")]


@pytest.mark.parametrize("found_in", ["name", "audience"])
def test_q_matches_a_part_of_name_or_audience_of_authorization_servers(
    client: Caller, org: Org, found_in: str
) -> None:
    server = org.list("authorization_server")[1]
    text = {"name": server["name"], "audience": server["audiences"][0]}[found_in]

    found = client.get(f"/api/v1/authorizationServers?q={quote(text[2:].upper())}").json()

    assert [one["id"] for one in found] == [server["id"]]


def test_a_search_for_authorization_servers_has_no_needless_next(client: Caller) -> None:
    assert "next" not in client.get("/api/v1/authorizationServers?q=default").links


@pytest.mark.parametrize("path", ["policies", "claims", "credentials/keys"])
def test_lists_that_do_not_page_carry_no_link(client: Caller, path: str) -> None:
    answer = client.get(f"/api/v1/authorizationServers/default/{path}")

    assert answer.json()
    assert answer.headers.get_all("link") is None


def test_scopes_page(client: Caller, org: Org) -> None:
    server = org.list("authorization_server")[1]["id"]

    pages = walk(client, f"/api/v1/authorizationServers/{server}/scopes?limit=5")

    assert [len(page.json()) for page in pages] == [5, 3]


def test_a_changed_app_shows_in_the_next_listing(client: Caller, org: Org) -> None:
    app = client.get("/api/v1/apps?limit=1").json()[0]
    org.put("app", {**app, "label": "Renamed"})

    assert client.get("/api/v1/apps?limit=1").json()[0]["label"] == "Renamed"


def test_json_is_compact_raw_utf8(client: Caller) -> None:
    answer = client.get("/api/v1/apps?limit=200")

    assert "経費精算ポータル".encode() in answer.body
    assert b'", "' not in answer.body
    assert answer.headers["content-type"] == "application/json"
