import json
from pathlib import Path

import pytest

from tenants.sandbox.load import load_exchanges
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.sandbox.caller import Caller

SERVERS = "/api/v1/authorizationServers"


@pytest.fixture
def org(sandbox: Sandbox) -> Org:
    return sandbox.add_org("acme.okta.com", apps=0, authorization_servers=0)


def exchange(path: str, body: object, *, method: str = "GET", status: int = 200) -> str:
    return json.dumps({"method": method, "path": path, "status": status, "response_body": body})


def write(folder: Path, *lines: str) -> Path:
    file = folder / "recorded.ndjson"
    file.write_text("\n".join(lines))
    return file


def test_lists_and_single_objects_are_loaded(org: Org, tmp_path: Path) -> None:
    listed = [{"id": "0oa1", "label": "One"}, {"id": "0oa2", "label": "Two"}]
    file = write(
        tmp_path,
        exchange("/api/v1/apps", listed),
        exchange("/api/v1/apps", {"id": "0oa3", "label": "Three"}, method="POST"),
    )

    loaded = load_exchanges(org, file)

    assert loaded.counts == {"app": 3}
    assert [app["label"] for app in org.list("app")] == ["One", "Two", "Three"]


def test_the_last_version_wins_and_deletions_are_ignored(org: Org, tmp_path: Path) -> None:
    file = write(
        tmp_path,
        exchange("/api/v1/apps/0oa1", {"id": "0oa1", "label": "Old"}),
        exchange("/api/v1/apps/0oa1", {"id": "0oa1", "label": "New"}, method="PUT"),
        exchange("/api/v1/apps/0oa1", None, method="DELETE", status=204),
    )

    loaded = load_exchanges(org, file)

    assert loaded.counts == {"app": 1}
    assert org.get("app", "0oa1")["label"] == "New"


def test_children_find_their_parents_whatever_the_order(
    org: Org, tmp_path: Path, stranger: Caller
) -> None:
    file = write(
        tmp_path,
        exchange(f"{SERVERS}/aus1/policies/00p1/rules", [{"id": "0pr1"}]),
        exchange(f"{SERVERS}/aus1/policies/00p1", {"id": "00p1"}),
        exchange(f"{SERVERS}/default/scopes/scp1", {"id": "scp1"}),
        exchange(f"{SERVERS}/aus1/claims", [{"id": "ocl1"}]),
        exchange(f"{SERVERS}/aus1/credentials/lifecycle/keyRotate", [{"kid": "-k1"}]),
        exchange(SERVERS, [{"id": "aus1", "default": True}]),
    )

    loaded = load_exchanges(org, file)

    client = stranger.sign_in(org)
    kinds = ("authorization_server", "as_policy", "as_rule", "as_scope", "as_claim", "as_key")
    assert loaded.counts == dict.fromkeys(kinds, 1)
    assert client.get(f"{SERVERS}/aus1/policies/00p1/rules").json() == [{"id": "0pr1"}]
    assert client.get(f"{SERVERS}/aus1/scopes").json() == [{"id": "scp1"}]
    assert client.get(f"{SERVERS}/aus1/credentials/keys").json() == [{"kid": "-k1"}]


def test_a_child_without_its_parent_is_counted_but_left_out(org: Org, tmp_path: Path) -> None:
    loaded = load_exchanges(org, write(tmp_path, exchange(f"{SERVERS}/aus9/scopes", [{"id": "s"}])))

    assert loaded.orphans == {"as_scope": 1}
    assert loaded.counts == {}


def test_an_object_seen_under_the_alias_and_the_id_is_one_object(org: Org, tmp_path: Path) -> None:
    file = write(
        tmp_path,
        exchange(f"{SERVERS}/default", {"id": "aus1", "issuer": "https://x/oauth2/default"}),
        exchange(f"{SERVERS}/default/scopes", [{"id": "scp1"}]),
        exchange(f"{SERVERS}/aus1/scopes/scp1", {"id": "scp1"}),
    )

    loaded = load_exchanges(org, file)

    assert loaded.counts == {"authorization_server": 1, "as_scope": 1}
    assert loaded.orphans == {}


def test_odd_content_is_kept_as_it_is(org: Org, tmp_path: Path) -> None:
    odd = {"id": "0oa1", "label": None, "signOnMode": None, "client_secret": "***", "x": [[]]}

    load_exchanges(org, write(tmp_path, exchange("//api/v1/apps/0oa1", odd)))

    assert org.get("app", "0oa1") == odd


def test_errors_and_other_families_are_passed_over(org: Org, tmp_path: Path) -> None:
    file = write(
        tmp_path,
        exchange("/api/v1/apps/0oa1", {"id": "0oa1"}, status=404),
        exchange("/api/v1/apps/0oa1/groups/00g1", {"id": "00g1"}),
        exchange("/api/v1/policies/00p1", {"id": "00p1", "type": "OKTA_SIGN_ON"}),
        exchange("/api/v1/apps", [{"label": "without an id"}, None, 7, {"id": 7}]),
    )

    loaded = load_exchanges(org, file)

    assert (loaded.counts, loaded.bad_lines) == ({}, [])


@pytest.mark.parametrize(
    "line",
    [
        exchange("/api/v1/apps", {"id": "0oa2", "label": "\ud800"}),
        "{",
        "[]",
        "7",
        '{"path": 7, "status": 200}',
        '{"path": "/api/v1/apps"}',
        "[" * 100_000,
    ],
    ids=["half a character", "cut off", "a list", "a number", "no path", "no status", "too deep"],
)
def test_a_bad_line_is_named_and_the_rest_loaded(org: Org, tmp_path: Path, line: str) -> None:
    good = exchange("/api/v1/apps/0oa1", {"id": "0oa1"})

    loaded = load_exchanges(org, write(tmp_path, good, line, "", good))

    assert [number for number, _ in loaded.bad_lines] == [2]
    assert loaded.counts == {"app": 1}


def test_bytes_that_are_no_text_are_a_bad_line(org: Org, tmp_path: Path) -> None:
    file = tmp_path / "binary.ndjson"
    file.write_bytes(b"\xff\xfe\x00\n")

    assert [number for number, _ in load_exchanges(org, file).bad_lines] == [1]
