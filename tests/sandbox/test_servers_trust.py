"""Which authorization servers trust which."""

import pytest

from tenants.sandbox.org import Org
from tests.sandbox.caller import Caller

SERVERS = "/api/v1/authorizationServers"


@pytest.fixture
def ids(org: Org) -> list[str]:
    return [server["id"] for server in org.list("authorization_server")]


def names(caller: Caller, path: str) -> list[str]:
    return [server["id"] for server in caller.get(path).json()]


def test_trust_is_one_way_and_shows_the_server_without_links(
    manager: Caller, ids: list[str]
) -> None:
    default, _, third = ids

    answer = manager.send("POST", f"{SERVERS}/default/associatedServers", {"trusted": [third]})

    trusted = manager.get(f"{SERVERS}/{default}/associatedServers?trusted=true").json()
    assert answer.status == 200
    assert answer.json() == trusted
    assert (trusted[0]["id"], trusted[0]["_links"]) == (third, None)
    assert names(manager, f"{SERVERS}/{third}/associatedServers?trusted=true") == []


def test_untrusted_servers_are_all_the_others(manager: Caller, ids: list[str]) -> None:
    default, second, third = ids

    untrusted = names(manager, f"{SERVERS}/{second}/associatedServers?trusted=false")

    assert names(manager, f"{SERVERS}/{second}/associatedServers") == [default]
    assert untrusted == [third]


def test_the_next_link_leads_out_of_the_collection(client: Caller, ids: list[str]) -> None:
    default, second, _ = ids

    answer = client.get(f"{SERVERS}/{second}/associatedServers?trusted=true")

    expected = f"https://acme.okta.com{SERVERS}?after={default}&limit=-1&trusted=true"
    assert answer.links == {"next": expected}


def test_a_search_looks_at_name_and_audience(client: Caller, ids: list[str]) -> None:
    path = f"{SERVERS}/{ids[0]}/associatedServers?trusted=false"

    assert names(client, f"{path}&q=ORDERS") == [ids[1]]
    assert names(client, f"{path}&q=com/partners") == [ids[2]]
    assert names(client, f"{path}&q=nowhere") == []


def test_pages_go_on_behind_the_cursor(client: Caller, ids: list[str]) -> None:
    path = f"{SERVERS}/{ids[0]}/associatedServers?trusted=false&limit=1"

    assert names(client, path) == [ids[1]]
    assert names(client, f"{path}&after={ids[1]}") == [ids[2]]
    assert client.get(f"{path}&after=junk").json()["errorCode"] == "E0000029"


def test_trust_can_be_withdrawn_once(manager: Caller, ids: list[str]) -> None:
    path = f"{SERVERS}/{ids[1]}/associatedServers/{ids[0]}"

    first, second = manager.send("DELETE", path), manager.send("DELETE", path)

    assert (first.status, second.status) == (204, 404)
    assert names(manager, f"{SERVERS}/{ids[1]}/associatedServers") == []


def test_nobody_trusts_a_deleted_server(manager: Caller, ids: list[str]) -> None:
    path = f"{SERVERS}/default/associatedServers"
    manager.send("POST", path, {"trusted": [ids[2]]})

    manager.send("DELETE", f"{SERVERS}/{ids[2]}")

    assert names(manager, path) == []


def test_a_renamed_server_is_renamed_wherever_it_is_trusted(
    manager: Caller, ids: list[str]
) -> None:
    body = {"name": "Main", "audiences": ["api://main"]}
    manager.send("PUT", f"{SERVERS}/default", body)

    trusted = manager.get(f"{SERVERS}/{ids[1]}/associatedServers").json()

    assert trusted[0]["name"] == "Main"


@pytest.mark.parametrize(
    ("trusted", "status"),
    [([], 400), (None, 400), ("aus1", 400), ([1], 400), (["ausNobody"], 404)],
)
def test_only_servers_that_exist_can_be_trusted(
    manager: Caller, trusted: object, status: int
) -> None:
    answer = manager.send("POST", f"{SERVERS}/default/associatedServers", {"trusted": trusted})

    assert answer.status == status


def test_a_server_cannot_trust_itself(manager: Caller, ids: list[str]) -> None:
    path = f"{SERVERS}/default/associatedServers"

    assert manager.send("POST", path, {"trusted": [ids[0]]}).status == 400
    assert manager.send("POST", path, {"trusted": ["default"]}).status == 400
