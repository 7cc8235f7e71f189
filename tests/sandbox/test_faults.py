"""Which requests a fault meets, and what those do that still send a whole answer."""

import gzip
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from tenants.sandbox.faults import (
    ACTIONS,
    Body,
    Delay,
    GzipBomb,
    HeaderEdit,
    Redirect,
    Status,
    WrongType,
    read_fault,
)
from tenants.sandbox.modes import MODES
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.sandbox.caller import Caller

APPS = "/api/v1/apps"
SERVERS = "/api/v1/authorizationServers"


def statuses(client: Caller, count: int, path: str = APPS) -> list[int]:
    return [client.get(path).status for _ in range(count)]


# Which requests


@pytest.mark.parametrize(
    ("conditions", "met"),
    [
        pytest.param({}, [APPS, SERVERS], id="any"),
        pytest.param({"path": "/api/v1/app*"}, [APPS], id="path"),
        pytest.param({"operation": "listAuthorizationServers"}, [SERVERS], id="operation"),
        pytest.param({"method": "POST"}, [], id="method"),
        pytest.param({"host": "*.okta.com", "path": APPS}, [APPS], id="host and path"),
        pytest.param({"host": "globex.*"}, [], id="another host"),
    ],
)
def test_a_fault_meets_what_fits_all_its_conditions(
    client: Caller, sandbox: Sandbox, conditions: dict[str, Any], met: list[str]
) -> None:
    sandbox.faults.add(Status(status=502, **conditions))

    answers = {path: client.get(f"{path}?limit=1").status for path in (APPS, SERVERS)}

    assert [path for path, status in answers.items() if status == 502] == met


def test_an_operation_is_told_by_method_and_path(client: Caller, sandbox: Sandbox) -> None:
    app = client.get(APPS).json()[0]["id"]
    sandbox.faults.add(Status(status=502, operation="getApplication"))

    assert client.get(f"/{APPS}/{app}").status == 502
    assert client.get(f"{APPS}/{app}/groups").status == 200


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"times": 2}, [502, 502, 200, 200]),
        ({"nth": 3}, [200, 200, 502, 200]),
        ({"every": 2}, [200, 502, 200, 502]),
        ({"every": 2, "times": 1}, [200, 502, 200, 200]),
    ],
)
def test_a_fault_can_meet_some_of_them(
    client: Caller, sandbox: Sandbox, conditions: dict[str, Any], expected: list[int]
) -> None:
    sandbox.faults.add(Status(status=502, **conditions))

    assert statuses(client, 4) == expected


def test_a_share_is_drawn_the_same_way_every_time(client: Caller, sandbox: Sandbox) -> None:
    def draw(seed: int) -> list[int]:
        sandbox.faults.clear()
        sandbox.faults.add(Status(status=502, share=0.5, seed=seed))
        return statuses(client, 20)

    first, again, other = draw(1), draw(1), draw(2)

    assert first == again != other
    assert {200, 502} == set(first)


def test_the_first_fault_that_strikes_wins(client: Caller, sandbox: Sandbox) -> None:
    sandbox.faults.add(Status(status=502, times=1))
    sandbox.faults.add(Status(status=503))

    assert statuses(client, 3) == [502, 503, 503]


def test_hits_are_counted_and_a_spent_fault_is_still_reported(
    client: Caller, sandbox: Sandbox
) -> None:
    sandbox.faults.add(Status(status=502, nth=2, times=1))
    sandbox.faults.add(Status(status=503, path="/nothing"))
    statuses(client, 3)

    spent, idle = sandbox.faults.report()

    assert (spent["number"], spent["seen"], spent["hits"], spent["left"]) == (1, 2, 1, 0)
    assert (idle["number"], idle["seen"], idle["hits"], idle["left"]) == (2, 0, 0, None)
    assert spent["fault"] == {"action": "status", "status": 502, "nth": 2, "times": 1}


def test_a_fault_s_json_makes_the_same_fault() -> None:
    written = {"action": "headers", "set": {"x": "1"}, "add": [["y", "2"]], "times": 3}

    assert read_fault(written) == HeaderEdit(set={"x": "1"}, add=[("y", "2")], times=3)


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ([], "action is one of"),
        ({"action": "explode"}, "'explode'"),
        ({"action": ["delay"]}, "action is one of"),
        ({"action": "delay"}, "missing required field `seconds`"),
        ({"action": "delay", "seconds": -1}, ">= 0.0"),
        ({"action": "delay", "seconds": 1, "often": True}, "unknown field `often`"),
        ({"action": "close", "operation": "listApps"}, "no operation 'listApps'"),
        ({"action": "close", "times": 0}, ">= 1"),
        ({"action": "tls", "kind": "expired", "path": "/"}, "unknown field `path`"),
        ({"action": "status", "status": 100}, ">= 200"),
    ],
)
def test_what_is_no_fault_is_refused_with_a_sentence(written: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_fault(written)


# Whole answers, changed or replaced


def test_a_status_stands_in_for_the_org_with_okta_s_error_or_a_gateway_s_page(
    client: Caller, sandbox: Sandbox
) -> None:
    wait = [("x-rate-limit-reset", "soon")]
    sandbox.faults.add(Status(status=429, code="E0000047", headers=wait, times=1))
    sandbox.faults.add(Status(status=504))

    limited, gateway = client.get(APPS), client.get(APPS)

    assert (limited.status, limited.json()["errorCode"]) == (429, "E0000047")
    assert limited.headers["x-rate-limit-reset"] == "soon"
    assert (gateway.status, gateway.headers["content-type"]) == (504, "text/html;charset=utf-8")


def test_a_redirect_leads_elsewhere(client: Caller, sandbox: Sandbox) -> None:
    sandbox.faults.add(Redirect(location="http://127.0.0.1/", status=307))

    answer = client.get(APPS)

    assert (answer.status, answer.headers["location"]) == (307, "http://127.0.0.1/")


def test_what_replaces_the_answer_replaces_the_deed_unless_told(
    client: Caller, sandbox: Sandbox, org: Org
) -> None:
    sandbox.faults.add(Status(status=502, operation="token", times=1))
    sandbox.faults.add(Status(status=502, operation="token", applies=True))
    before = len(org.ledger)

    for _ in range(2):
        client.ask_token(org.client_id, org.client_secret, "okta.apps.read")

    assert [entry.operation for entry in org.ledger.since(before)] == ["token"]


def test_a_request_that_met_a_fault_was_asked_all_the_same(
    client: Caller, sandbox: Sandbox, org: Org
) -> None:
    sandbox.faults.add(Status(status=502))

    client.get("/api/v1/apps?limit=7")

    assert org.requests[-1].path == APPS


def test_header_lines_can_be_removed_set_added_and_doubled(
    client: Caller, sandbox: Sandbox
) -> None:
    edit = HeaderEdit(
        remove=["X-Okta-Request-Id"],
        set={"date": "Mon, 01 Jan 2001 00:00:00 GMT"},
        add=[("link", '<https://evil.example/>; rel="next"')],
        duplicate=["x-rate-limit-limit"],
    )
    sandbox.faults.add(edit)

    headers = client.get(APPS).headers

    assert headers["x-okta-request-id"] is None
    assert headers.get_all("date") == ["Mon, 01 Jan 2001 00:00:00 GMT"]
    assert '<https://evil.example/>; rel="next"' in headers.get_all("link", [])
    assert headers.get_all("x-rate-limit-limit") == ["100", "100"]


def test_the_connection_outlives_an_edited_answer(client: Caller, sandbox: Sandbox) -> None:
    sandbox.faults.add(HeaderEdit(set={"x-odd": "1"}, every=2))

    odd = [client.get(f"{APPS}?limit={limit}").headers["x-odd"] for limit in (1, 200, 1, 200)]

    assert odd == [None, "1", None, "1"]


def test_a_page_to_sign_in_can_come_with_a_200(client: Caller, sandbox: Sandbox) -> None:
    sandbox.faults.add(WrongType(times=1))
    sandbox.faults.add(WrongType(content_type="text/plain", keep_body=True))

    page, plain = client.get(APPS), client.get(f"{APPS}?limit=1")

    assert (page.status, page.headers["content-type"]) == (200, "text/html;charset=utf-8")
    assert page.body.startswith(b"<!DOCTYPE html>")
    assert (plain.headers["content-type"], len(plain.json())) == ("text/plain", 1)


@pytest.mark.parametrize(
    ("fault", "beginning"),
    [
        (Body(kind="empty"), b""),
        (Body(kind="null"), b"null"),
        (Body(kind="duplicate_keys"), b'[{"id":"0oaFirst"'),
        (Body(kind="nan"), b'[{"id":"0oaNumber","size":NaN'),
        (Body(kind="bom"), b'\xef\xbb\xbf[{"id"'),
        (Body(kind="bad_utf8"), b'[{"id":"0oaText","label":"\xff'),
        (Body(kind="deep"), b"[" * 100_000),
        (Body(text='{"error": 7}'), b'{"error": 7}'),
    ],
)
def test_a_body_can_be_anything(
    client: Caller, sandbox: Sandbox, fault: Body, beginning: bytes
) -> None:
    sandbox.faults.add(fault)

    answer = client.get(APPS)

    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert answer.body.startswith(beginning)
    assert bool(answer.body) == bool(beginning)


def test_an_odd_body_is_an_object_where_an_object_was_asked_for(
    client: Caller, sandbox: Sandbox
) -> None:
    app = client.get(APPS).json()[0]["id"]
    sandbox.faults.add(Body(kind="duplicate_keys"))

    assert client.get(f"{APPS}/{app}").body.startswith(b'{"id":"0oaFirst"')


def test_a_gzip_bomb_is_small_on_the_wire_and_sent_to_those_who_asked_for_none(
    client: Caller, sandbox: Sandbox
) -> None:
    sandbox.faults.add(GzipBomb(size=3_000_001))

    answer = client.get(APPS, accept_encoding="identity")

    unfolded = gzip.decompress(answer.body)
    assert answer.headers["content-encoding"] == "gzip"
    assert (len(answer.body) < 10_000, len(unfolded), json.loads(unfolded)) == (True, 3_000_001, [])


def test_a_polite_bomb_spares_those_who_asked_for_none(client: Caller, sandbox: Sandbox) -> None:
    sandbox.faults.add(GzipBomb(size=1000, if_accepted=True))

    spared, bombed = (client.get(APPS, accept_encoding=kind) for kind in ("identity", "gzip"))

    assert spared.headers["content-encoding"] is None
    assert bombed.headers["content-encoding"] == "gzip"


def test_a_delay_holds_the_answer_back(client: Caller, sandbox: Sandbox) -> None:
    sandbox.faults.add(Delay(seconds=0.1))
    began = time.perf_counter()

    client.get(APPS)

    assert time.perf_counter() - began >= 0.1


def test_the_guide_s_examples_are_faults() -> None:
    guide = (Path(__file__).parents[2] / "docs/guides/sandbox.md").read_text()

    (example,) = re.findall(r"```json\n(.*?)```", guide, re.DOTALL)

    assert len([read_fault(written) for written in json.loads(example)]) == 7


def test_the_guide_names_every_action_and_every_mode() -> None:
    guide = (Path(__file__).parents[2] / "docs/guides/sandbox.md").read_text()

    assert [name for name in (*ACTIONS, *MODES) if f"`{name}`" not in guide] == []
