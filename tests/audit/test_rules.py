"""Each clause of each rule, on its true and its false side."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tenants.audit.rules import RULES
from tenants.choices import Severity
from tenants.models import Resource
from tests.audit.orgs import HeldMirror, app, key, policy, resource, rule, scope, server

PASS, UNKNOWN, NOTHING = "pass", "unknown", "nothing to judge"
MEDIUM, HIGH, CRITICAL, LOW = Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL, Severity.LOW

EVERY_CLIENT = policy("ALL_CLIENTS")
ONE_CLIENT = policy("0oa1")
NARROW = {"scopes": ["a"], "groups": ["00g1"], "grants": ["authorization_code"]}


def verdict(slug: str, *org: Resource) -> str:
    """What the rule says about the one thing it judges here."""
    judged = list(RULES[slug].judge(HeldMirror(*org)))
    if not judged:
        return NOTHING
    (judgement,) = judged
    if judgement.unknown:
        return UNKNOWN
    return judgement.failure.severity if judgement.failure else PASS


def _ago(**age: float) -> str:
    return (datetime.now(UTC) - timedelta(**age)).isoformat()


@pytest.mark.parametrize(
    ("org", "expected"),
    [
        ([EVERY_CLIENT, rule(**NARROW)], MEDIUM),
        ([ONE_CLIENT, rule(**NARROW)], PASS),
        ([policy("0oa1", "ALL_CLIENTS"), rule(**NARROW)], MEDIUM),
        ([EVERY_CLIENT], PASS),
        ([EVERY_CLIENT, rule(**NARROW, status="INACTIVE")], PASS),
        ([policy("ALL_CLIENTS", status="INACTIVE"), rule(**NARROW)], NOTHING),
        ([EVERY_CLIENT, rule(scopes=["*"], groups=["EVERYONE"])], HIGH),
        ([EVERY_CLIENT, rule(scopes=["a"], grants=["password"])], HIGH),
        ([EVERY_CLIENT, rule(scopes=["a"], grants=["implicit"])], HIGH),
        ([EVERY_CLIENT, rule(scopes=["*"], grants=["authorization_code"])], MEDIUM),
    ],
)
def test_as_01_a_policy_open_to_all_clients(org: list[Resource], expected: str) -> None:
    assert verdict("AS-01", server(), *org) == expected


@pytest.mark.parametrize(
    ("org", "expected"),
    [
        ([ONE_CLIENT, rule(scopes=["*"], groups=["EVERYONE"])], HIGH),
        ([ONE_CLIENT, rule(scopes=["*"], grants=["client_credentials"])], HIGH),
        ([ONE_CLIENT, rule(scopes=["*"], groups=["00g1"])], PASS),
        ([ONE_CLIENT, rule(scopes=["a"], groups=["EVERYONE"])], PASS),
        ([ONE_CLIENT, rule(scopes=["a"], grants=["client_credentials"])], PASS),
        ([ONE_CLIENT, rule(scopes=["*"], groups=["EVERYONE"], status="INACTIVE")], NOTHING),
        ([ONE_CLIENT, rule(scopes=["*"], groups=["EVERYONE"]), scope(system=False)], HIGH),
        ([EVERY_CLIENT, rule(scopes=["*"], groups=["EVERYONE"]), scope(system=False)], CRITICAL),
        ([EVERY_CLIENT, rule(scopes=["*"], groups=["EVERYONE"]), scope(system=True)], HIGH),
    ],
)
def test_as_02_a_rule_that_catches_everything(org: list[Resource], expected: str) -> None:
    assert verdict("AS-02", server(), *org) == expected


MACHINE = {"grants": ["client_credentials"]}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"minutes": 60}, PASS),
        ({"minutes": 61}, MEDIUM),
        ({"minutes": 480}, MEDIUM),
        ({"minutes": 481}, HIGH),
        ({"minutes": 61, **MACHINE, "scopes": ["orders.write"]}, HIGH),
        ({"minutes": 61, **MACHINE, "scopes": ["*"]}, HIGH),
        ({"minutes": 61, **MACHINE, "scopes": ["orders.read", "read"]}, MEDIUM),
        ({"minutes": 61, "grants": ["authorization_code"], "scopes": ["*"]}, MEDIUM),
        ({"minutes": 60, **MACHINE, "scopes": ["*"]}, PASS),
        ({"minutes": None}, UNKNOWN),
        ({"minutes": "720"}, UNKNOWN),
        ({"minutes": True}, UNKNOWN),
        ({"minutes": 720, "status": "INACTIVE"}, NOTHING),
    ],
)
def test_as_04_access_tokens_that_live_too_long(told: dict[str, Any], expected: str) -> None:
    assert verdict("AS-04", server(), ONE_CLIENT, rule(**told)) == expected


AUTO = {"rotationMode": "AUTO"}
MANUAL = {"rotationMode": "MANUAL"}


@pytest.mark.parametrize(
    ("signing", "keys", "expected"),
    [
        (AUTO, ["ACTIVE"], PASS),
        (AUTO, ["NEXT"], HIGH),
        (AUTO, [], HIGH),
        (AUTO, [None], UNKNOWN),
        (AUTO | {"nextRotation": _ago(days=-5)}, ["ACTIVE"], PASS),
        (AUTO | {"nextRotation": _ago(minutes=5)}, ["ACTIVE"], HIGH),
        (AUTO | {"nextRotation": "2020-01-01T00:00:00"}, ["ACTIVE"], HIGH),
        (AUTO | {"nextRotation": "tomorrow"}, ["ACTIVE"], PASS),
        (AUTO | {"nextRotation": "2020-13-45T00:00:00Z"}, ["ACTIVE"], PASS),
        (AUTO | {"nextRotation": 7}, ["ACTIVE"], PASS),
        (MANUAL, ["ACTIVE"], MEDIUM),
        (MANUAL | {"lastRotated": _ago(days=89)}, ["ACTIVE"], MEDIUM),
        (MANUAL | {"lastRotated": _ago(days=91)}, ["ACTIVE"], HIGH),
        (MANUAL | {"lastRotated": "0001-01-01T00:00:00+23:59"}, ["ACTIVE"], HIGH),
        (MANUAL | {"lastRotated": _ago(days=1)}, ["EXPIRED"], HIGH),
        ({}, ["ACTIVE"], UNKNOWN),
        ({"rotationMode": "DYNAMIC"}, ["ACTIVE"], UNKNOWN),
        ({}, ["EXPIRED"], HIGH),
    ],
)
def test_as_06_signing_keys_that_do_not_rotate(
    signing: dict[str, Any], keys: list[str | None], expected: str
) -> None:
    assert verdict("AS-06", server(**signing), *map(key, keys)) == expected


@pytest.mark.parametrize(
    ("judged", "expected"),
    [
        (app("https://app.example/cb"), PASS),
        (app("https://*.app.example/cb", wildcard="SUBDOMAIN"), HIGH),
        (app("https://app.example/cb", wildcard="SUBDOMAIN"), PASS),
        (app("https://*.app.example/cb"), PASS),
        (app("http://app.example/cb"), HIGH),
        (app("HTTP://app.example/cb"), HIGH),
        (app("http://[broken/cb"), HIGH),
        (app("http://localhost:3000/cb"), LOW),
        (app("http://127.0.0.1/cb"), LOW),
        (app("http://127.8.9.1/cb"), LOW),
        (app("https://localhost/cb"), LOW),
        (app("http://[::1]:80/cb"), LOW),
        (app("http://localhost/cb", kind="native"), PASS),
        (app("http://localhost.example/cb"), HIGH),
        (app("http://app.example/cb", "http://localhost/cb"), HIGH),
        (app("http://app.example/cb", status="INACTIVE"), NOTHING),
        (resource("app", "0oa1", {"settings": {"signOn": {}}}), NOTHING),
    ],
)
def test_app_12_redirect_uris(judged: Resource, expected: str) -> None:
    assert verdict("APP-12", judged) == expected


@pytest.mark.parametrize("slug", ["AS-01", "AS-02", "AS-04", "AS-06"])
def test_what_belongs_to_an_inactive_server_is_left_in_peace(slug: str) -> None:
    bad = rule(scopes=["*"], groups=["EVERYONE"], minutes=1440)

    assert verdict(slug, server("INACTIVE", **MANUAL), EVERY_CLIENT, bad) == NOTHING
