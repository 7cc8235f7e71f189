"""Whatever an org does to an answer, the client ends in time, in bounds, and with a typed error.

The org is a process of its own, so that memory counted here is the client's.
"""

import gc
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tenants.okta.budgets import LocalBudget
from tenants.okta.client import OktaClient
from tenants.okta.egress import EgressPolicy, open_org
from tenants.okta.errors import (
    EgressRefused,
    OktaAmbiguous,
    OktaError,
    OktaForbidden,
    OktaNotFound,
    OktaProtocolError,
    OktaRateLimited,
    OktaUnavailable,
    OktaWrongHost,
)
from tenants.okta.hosts import DEFAULT_SUFFIXES
from tenants.okta.oauth import AccessToken, fetch_access_token
from tenants.okta.operations import GET_APP, LIST_APPS, OPERATIONS
from tenants.sandbox.control import Control
from tests.sandbox_process import HOST, sandbox_process

SCOPES = frozenset({"okta.apps.manage"})
CREATE = OPERATIONS["createApplication"]
DEADLINE_S = 0.4
MAX_GROWTH = 20_000_000
MAX_BODY = EgressPolicy.max_body
TRIES = 3

Fault = dict[str, Any]
Kinds = type[OktaError] | tuple[type[OktaError], ...]

#: What spoils the connection or the answer: the fault, and what a read makes of it.
SPOILT: dict[str, tuple[Fault, Kinds]] = {
    "delay": ({"action": "delay", "seconds": 30}, OktaUnavailable),
    "drip of headers": (
        {"action": "drip", "bytes_per_s": 40, "part": "headers"},
        OktaUnavailable,
    ),
    "drip of body": ({"action": "drip", "bytes_per_s": 40}, OktaUnavailable),
    "silence": ({"action": "silence"}, OktaUnavailable),
    "cut off in the headers": (
        {"action": "truncate", "after": 30, "part": "headers"},
        OktaProtocolError,
    ),
    "cut off in the body": ({"action": "truncate", "after": 30}, OktaProtocolError),
    "garbage": ({"action": "garbage"}, OktaProtocolError),
    "too much promised": ({"action": "wrong_length", "by": 100}, OktaUnavailable),
    "too little promised": ({"action": "wrong_length", "by": -1}, OktaProtocolError),
    "sign-in page": ({"action": "wrong_type"}, OktaProtocolError),
    "JSON called text": (
        {"action": "wrong_type", "content_type": "text/plain", "keep_body": True},
        OktaProtocolError,
    ),
    "no type": ({"action": "headers", "remove": ["content-type"]}, OktaProtocolError),
    "compressed": (
        {"action": "headers", "add": [["content-encoding", "br"]]},
        OktaProtocolError,
    ),
    "huge headers": (
        {"action": "headers", "add": [["x-a", "a" * 60_000], ["x-b", "b" * 60_000]]},
        EgressRefused,
    ),
    "gzip bomb": ({"action": "gzip_bomb"}, OktaProtocolError),
    "huge body": ({"action": "huge_body", "size": 2**30}, EgressRefused),
    "endless body": ({"action": "huge_body"}, EgressRefused),
    "body of spaces": ({"action": "huge_body", "size": MAX_BODY}, OktaProtocolError),
    "body of brackets": (
        {"action": "body", "text": "[" + "[],[]," * 160_000 + "0]"},
        OktaProtocolError,
    ),
    "body of objects": (
        {"action": "body", "text": "[" + "{}," * 230_000 + "NaN]"},
        OktaProtocolError,
    ),
    "empty body": ({"action": "body", "kind": "empty"}, OktaProtocolError),
    "null": ({"action": "body", "text": "null"}, OktaProtocolError),
    "deep": ({"action": "body", "kind": "deep"}, OktaProtocolError),
    "NaN": ({"action": "body", "text": '{"id":NaN}'}, OktaProtocolError),
    "broken text": ({"action": "body", "kind": "bad_utf8"}, OktaProtocolError),
    "close": ({"action": "close"}, OktaProtocolError),
    "reset": ({"action": "reset"}, (OktaProtocolError, OktaUnavailable)),  # as the system sees it
    "gateway": ({"action": "status", "status": 502}, OktaUnavailable),
    "internal error": (
        {"action": "status", "status": 500, "code": "E0000009"},
        OktaUnavailable,
    ),
    "status nobody knows": ({"action": "status", "status": 999}, OktaUnavailable),
}

#: What surely keeps the request from being carried out.
REFUSED: dict[str, tuple[Fault, Kinds]] = {
    **{
        f"redirect {status}": (
            {"action": "redirect", "status": status, "location": "https://127.0.0.1:1/"},
            OktaWrongHost,
        )
        for status in (301, 302, 303, 307, 308)
    },
    **{
        f"handshake: {kind}": ({"action": "tls", "kind": kind}, OktaUnavailable)
        for kind in (
            "expired",
            "wrong_name",
            "unknown_authority",
            "refuse",
            "old_version",
            "garbage",
            "close",
            "reset",
            "silence",
        )
    },
    "limit without headers": (
        {"action": "status", "status": 429, "code": "E0000047"},
        OktaRateLimited,
    ),
    "role": ({"action": "status", "status": 403, "code": "E0000006"}, OktaForbidden),
    "gone": ({"action": "status", "status": 404, "code": "E0000007"}, OktaNotFound),
}

#: Odd, and understood all the same.
HARMLESS: dict[str, Fault] = {
    "byte order mark": {"action": "body", "kind": "bom"},
    "charset": {
        "action": "wrong_type",
        "content_type": "application/json;charset=UTF-8",
        "keep_body": True,
    },
    "repeated headers": {"action": "headers", "duplicate": ["x-rate-limit-limit", "date"]},
    "no headers to speak of": {
        "action": "headers",
        "remove": ["date", "x-okta-request-id", "x-rate-limit-limit", "x-rate-limit-reset"],
    },
}


class Org:
    """The org under fault, with a client on it that is in a hurry."""

    def __init__(self, control: Control) -> None:
        self.control = control
        facts = next(each for each in control.credentials["orgs"] if each["host"] == HOST)
        self.client_id, self.secret = facts["client_id"], facts["client_secret"]
        self.app_id = control.do(HOST, "list", kind="app")[0]["id"]

    def policy(self, deadline_s: float) -> EgressPolicy:
        return EgressPolicy(
            suffixes=DEFAULT_SUFFIXES,
            dial={"okta.com": ("127.0.0.1", self.control.credentials["port"])},
            ca_bundle=self.control.credentials["ca_bundle"],
            user_agent="hub-tests/1",
            connect_s=deadline_s,
            read_s=deadline_s,
            total_s=deadline_s,
            slow_read_s=deadline_s,
            slow_total_s=deadline_s,
        )

    def token(self) -> AccessToken:
        with open_org(HOST, self.policy(10)) as http:
            return fetch_access_token(
                http, client_id=self.client_id, client_secret=self.secret, scopes=SCOPES
            )

    def use(self, work: Callable[[OktaClient], Any], *, deadline_s: float = DEADLINE_S) -> Any:
        with open_org(HOST, self.policy(deadline_s)) as http:
            tokens = OneToken(self.token_value)
            budget = LocalBudget(share=1.0)
            return work(OktaClient(http, tokens, SCOPES, budget=budget, sleep=lambda seconds: None))

    def effects(self) -> int:
        return len(self.control.do(HOST, "ledger"))

    token_value: AccessToken


class OneToken:
    def __init__(self, token: AccessToken) -> None:
        self._token = token

    def token(self, scopes: frozenset[str]) -> AccessToken:
        return self._token

    def discard(self, token: AccessToken) -> None:
        raise AssertionError("no fault says that the token is bad")


@pytest.fixture(scope="module")
def org() -> Iterator[Org]:
    with sandbox_process(apps=30) as control:
        control.do(HOST, "grant", scopes=sorted(SCOPES))
        org = Org(control)
        org.token_value = org.token()
        yield org


@pytest.fixture
def spoil(org: Org) -> Iterator[Callable[[Fault], None]]:
    yield lambda fault: org.control.do(HOST, "fault", fault=fault)
    org.control.do(HOST, "clear_faults")


def get_app(org: Org) -> Callable[[OktaClient], Any]:
    return lambda client: client.call(GET_APP, path={"appId": org.app_id})


def list_apps(client: OktaClient) -> int:
    return sum(len(page.items) for page in client.pages(LIST_APPS, query={"limit": "10"}))


def create_app(client: OktaClient) -> Any:
    url = {"app": {"url": "https://example.com/", "requestIntegration": False}}
    body = {"name": "bookmark", "label": "B", "signOnMode": "BOOKMARK", "settings": url}
    return client.call(CREATE, body=body)


def peak_memory() -> int:
    """The most this process ever held, in bytes, since the last call where the system can tell."""
    told = Path("/proc/self/status")
    if not told.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS
    peak = next(line for line in told.read_text().splitlines() if line.startswith("VmHWM"))
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    return int(peak.split()[1]) * 1024


@pytest.mark.parametrize(
    ("fault", "kind"), [*SPOILT.values(), *REFUSED.values()], ids=[*SPOILT, *REFUSED]
)
def test_a_read_ends_in_time_in_bounds_and_with_a_typed_error(
    org: Org, spoil: Callable[[Fault], None], fault: Fault, kind: Kinds
) -> None:
    spoil(fault)
    gc.collect()
    peak_memory()
    before, began = peak_memory(), time.monotonic()

    with pytest.raises(kind) as ended:
        org.use(get_app(org))

    took_s, grown = time.monotonic() - began, peak_memory() - before
    assert took_s <= TRIES * DEADLINE_S + 1
    assert grown < MAX_GROWTH, f"{grown:,} bytes more"
    assert len(str(ended.value)) <= 300


#: A write that was answered with success and nothing else is done.
DONE = ("empty body", "null")


@pytest.mark.parametrize("name", [name for name in SPOILT if name not in DONE])
def test_a_write_whose_answer_is_spoilt_is_ambiguous_and_made_at_most_once(
    org: Org, spoil: Callable[[Fault], None], name: str
) -> None:
    before = org.effects()
    spoil(SPOILT[name][0])

    with pytest.raises(OktaAmbiguous):
        org.use(create_app)

    assert org.effects() - before <= 1


@pytest.mark.parametrize("action", ["close", "reset", "silence", "garbage"])
def test_a_write_that_was_made_before_the_answer_was_lost_is_not_made_again(
    org: Org, spoil: Callable[[Fault], None], action: str
) -> None:
    before = org.effects()
    spoil({"action": action, "applies": True})

    with pytest.raises(OktaAmbiguous):
        org.use(create_app)

    assert org.effects() - before == 1


@pytest.mark.parametrize("name", DONE)
def test_a_write_that_succeeded_without_saying_more_is_done(
    org: Org, spoil: Callable[[Fault], None], name: str
) -> None:
    spoil(SPOILT[name][0])

    assert org.use(create_app, deadline_s=10) is None


@pytest.mark.parametrize(("fault", "kind"), REFUSED.values(), ids=REFUSED)
def test_a_write_that_was_refused_is_not_ambiguous_and_was_not_made(
    org: Org, spoil: Callable[[Fault], None], fault: Fault, kind: Kinds
) -> None:
    before = org.effects()
    spoil(fault)

    with pytest.raises(kind):
        org.use(create_app)

    assert org.effects() == before


@pytest.mark.parametrize("fault", HARMLESS.values(), ids=HARMLESS)
def test_what_is_only_odd_is_understood(
    org: Org, spoil: Callable[[Fault], None], fault: Fault
) -> None:
    spoil(fault)

    assert org.use(get_app(org), deadline_s=10)["id"] == org.app_id
    assert org.use(list_apps, deadline_s=10) >= 30


@pytest.mark.parametrize(
    "name", ["cut off in the body", "sign-in page", "null", "gateway", "close"]
)
def test_a_walk_survives_a_page_that_is_spoilt_twice_and_shows_each_app_once(
    org: Org, spoil: Callable[[Fault], None], name: str
) -> None:
    whole = org.use(list_apps, deadline_s=10)
    spoil({**SPOILT[name][0], "operation": "listApplications", "times": 2})

    assert org.use(list_apps, deadline_s=10) == whole


@pytest.mark.parametrize(
    "name", ["silence", "drip of headers", "huge body", "gzip bomb", "sign-in page", "deep", "NaN"]
)
def test_a_token_request_ends_in_time_and_with_a_typed_error(
    org: Org, spoil: Callable[[Fault], None], name: str
) -> None:
    fault, kind = SPOILT[name]
    spoil({**fault, "operation": "token"})
    began = time.monotonic()

    with pytest.raises(kind), open_org(HOST, org.policy(DEADLINE_S)) as http:
        fetch_access_token(http, client_id=org.client_id, client_secret=org.secret, scopes=SCOPES)

    assert time.monotonic() - began <= DEADLINE_S + 1
