"""Whatever an org sends, a page is planned and every rule comes to a verdict."""

import json
from random import Random
from typing import Any

import pytest

from tenants.audit.rules import RULES
from tenants.inventory.digests import differences, digest_of
from tenants.models import Resource
from tests.audit.orgs import HeldMirror, app, key, policy, resource, rule, scope, server

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 10**400, 1.5, "", "*", "EVERYONE", "ALL_CLIENTS", "x" * 5000),
    *([], {}, [[]], [{}], {"include": "*"}, {"include": [{"id": []}, None, ["*"]]}),
    *("http://[", "2020-01-01T00:00:00", "9999-12-31T23:59:59-23:59", "client_credentials"),
)


def _mutated(value: Any, dice: Random) -> Any:
    """The same body with odd things where Okta promises something."""
    if dice.random() < 0.12:
        return dice.choice(ODD)
    if isinstance(value, dict):
        return {name: _mutated(inner, dice) for name, inner in value.items()}
    if isinstance(value, list):
        return [_mutated(inner, dice) for inner in value]
    return value


def _org() -> list[Resource]:
    """Everything wrong at once, so that every rule reads all it ever reads."""
    return [
        server(rotationMode="MANUAL", lastRotated="2020-01-01T00:00:00.000Z"),
        policy("ALL_CLIENTS"),
        rule(scopes=["*"], groups=["EVERYONE"], grants=["client_credentials"], minutes=1440),
        scope(system=False),
        key("EXPIRED"),
        app("http://app.example/*", wildcard="SUBDOMAIN"),
    ]


@pytest.mark.parametrize("seed", range(150))
def test_rules_and_digests_never_raise(seed: int) -> None:
    dice = Random(seed)  # noqa: S311  (a test's dice, thrown the same each time)
    org = _org()
    for row in org:
        before, row.body = row.body, _mutated(row.body, dice)
        if not isinstance(row.body, dict):  # the parser lets nothing else in
            row.body = {}
        assert len(digest_of(row.body)) == 64
        json.dumps(differences(before, row.body))

    judged = [judgement for rule in RULES.values() for judgement in rule.judge(HeldMirror(*org))]

    json.dumps([judgement.failure.evidence for judgement in judged if judgement.failure])


@pytest.mark.parametrize("people", [None, "x", [], {"groups": "x"}, {"groups": {"include": "x"}}])
def test_a_catch_all_rule_with_odd_people_is_still_judged(people: Any) -> None:
    conditions = {
        "scopes": {"include": ["*"]},
        "grantTypes": {"include": ["client_credentials"]},
        "people": people,
    }
    odd = resource("as_rule", "aus1/00p1/0pr1", {"conditions": conditions})

    (judgement,) = RULES["AS-02"].judge(HeldMirror(server(), policy("0oa1"), odd))

    assert judgement.failure is not None
