"""What is read back, for each way that a change may show, and what is taken for nothing."""

from typing import Any

import pytest

from tenants.actions import lists
from tenants.actions.likeness import holds
from tenants.choices import IntentState, RunState
from tenants.models import Intent, Run
from tenants.sandbox.org import Org
from tests.actions.conftest import Ask, change, fresh, made, new_app, new_server, only, states
from tests.actions.killing import Kill, die
from tests.service import work_all

pytestmark = pytest.mark.django_db(transaction=True)


def _server(org: Org) -> str:
    return str(org.list("authorization_server")[-1]["id"])


def _sent_before(run: Run, **fields: Any) -> None:
    """As a worker leaves a change that died after it had announced the sending."""
    Intent.objects.filter(run=run).update(
        **{"state": IntentState.SENT, "sent_count": 1, "sent_at": run.created_at, **fields}
    )


def _read_back(run: Run) -> Intent:
    work_all()
    return only(run)


@pytest.mark.parametrize(
    ("shown", "sent", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, True),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        ({"a": 1}, {"a": 1, "b": None}, True),
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 2}}, True),
        ({"a": [1, 2]}, {"a": [2, 1]}, True),
        ({"a": [1, 2, 3]}, {"a": [2, 1]}, False),
        ({"a": [1]}, {"a": [1, 1]}, False),
        ({"a": [{"x": 1, "id": 7}]}, {"a": [{"x": 1}]}, True),
        ({"a": True}, {"a": 1}, False),
        ({"a": "x"}, {"a": ["x"]}, False),
        (None, {"a": 1}, False),
    ],
)
def test_what_okta_shows_holds_what_was_sent_whatever_it_adds(
    shown: Any, sent: Any, expected: bool
) -> None:
    assert holds(shown, sent) is expected


def test_two_new_objects_that_could_be_it_are_for_a_human(ask: Ask, org: Org) -> None:
    run = ask(new_app("Wiki"))
    ids = [app["id"] for app in org.list("app")]
    _sent_before(run, known=ids)
    template = org.list("app")[0]
    for number in (1, 2):
        org.put("app", {**template, "id": f"0oatwin{number:013}", "label": "Wiki"})

    found = _read_back(run)

    assert found.state == IntentState.NEEDS_ATTENTION
    assert "2 new objects that could be it" in found.evidence


def test_a_new_object_of_its_name_that_differs_is_for_a_human(ask: Ask, org: Org) -> None:
    run = ask(new_app("Wiki"))
    _sent_before(run, known=[app["id"] for app in org.list("app")])
    other = {"id": "0oaother000000000001", "label": " WIKI ", "name": "bookmark"}
    org.put("app", {**org.list("app")[0], **other})

    found = _read_back(run)

    assert found.state == IntentState.NEEDS_ATTENTION
    assert "0oaother000000000001 as new, which differs" in found.evidence
    assert not made(org, "createApplication")


def test_what_others_made_meanwhile_is_not_taken_for_ours(ask: Ask, org: Org) -> None:
    run = ask(new_app("Wiki"))
    _sent_before(run, known=[app["id"] for app in org.list("app")])
    org.put("app", {**org.list("app")[0], "id": "0oaother000000000001", "label": "Payroll"})

    found = _read_back(run)

    assert (found.state, found.sent_count) == (IntentState.DONE, 2)
    assert len(made(org, "createApplication")) == 1


def test_an_older_one_just_like_it_is_not_taken_for_ours(
    ask: Ask, apply: Ask, org: Org, kill: Kill
) -> None:
    apply(new_app("Wiki"))
    run = ask(new_app("Wiki"))
    kill.at(write=True, after=False)
    die(run)

    found = _read_back(run)

    older, newer = made(org, "createApplication")
    assert (found.state, found.okta_id) == (IntentState.DONE, newer.created)
    assert older.created != newer.created


def test_a_replacement_that_somebody_else_came_between_is_for_a_human(ask: Ask, org: Org) -> None:
    server = org.list("authorization_server")[-1]
    body = {"name": "Renamed", "description": "Anew", "audiences": ["api://anew"]}
    run = ask(change("replaceAuthorizationServer", authServerId=server["id"], body=body))
    _sent_before(run, known="digest of what was there before")
    org.put("authorization_server", {**server, "description": "By somebody else"})

    found = _read_back(run)

    assert found.state == IntentState.NEEDS_ATTENTION
    assert "neither what was there before nor what was sent" in found.evidence
    assert not made(org, "replaceAuthorizationServer")


def test_what_was_deleted_while_its_state_was_to_change_is_for_a_human(ask: Ask, org: Org) -> None:
    app = org.list("app")[0]["id"]
    run = ask(change("deactivateApplication", appId=app))
    _sent_before(run)
    org.remove("app", app)

    assert _read_back(run).state == IntentState.NEEDS_ATTENTION


def test_a_long_list_is_not_searched_for_what_is_new(
    ask: Ask, org: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "MOST_PAGES", 1)  # that of servers always tells of one more
    run = ask(new_server())

    work_all()

    assert (fresh(run).error_code, states(run)) == ("list_too_long", [IntentState.DROPPED])
    assert not made(org, "createAuthorizationServer")


def _saml_app(org: Org) -> str:
    apps = org.list("app")
    return str(next(app["id"] for app in apps if app["signOnMode"] == "SAML_2_0"))


def _group(org: Org) -> str:
    """Of one that our app is not assigned to."""
    assigned = {each["id"] for each in org.list("app_group", _saml_app(org))}
    return str(next(each["id"] for each in org.list("group") if each["id"] not in assigned))


#: One change for each way to read, where the org has what it takes.
JOURNEYS: dict[str, Any] = {
    "a scope": lambda org: [
        change("createOAuth2Scope", authServerId=_server(org), body={"name": "pay:read"})
    ],
    "a claim": lambda org: [
        change(
            "createOAuth2Claim",
            authServerId=_server(org),
            body={
                "name": "team",
                "claimType": "RESOURCE",
                "valueType": "EXPRESSION",
                "value": "user.team",
                "status": "ACTIVE",
                "conditions": {"scopes": []},
            },
        )
    ],
    "a policy": lambda org: [
        change(
            "createAuthorizationServerPolicy",
            authServerId=_server(org),
            body={
                "type": "OAUTH_AUTHORIZATION_POLICY",
                "name": "Partners",
                "description": "For partners",
                "priority": 1,
                "status": "ACTIVE",
                "conditions": {"clients": {"include": ["ALL_CLIENTS"]}},
            },
        )
    ],
    "a server's state": lambda org: [
        change("deactivateAuthorizationServer", authServerId=_server(org)),
        change("activateAuthorizationServer", authServerId=_server(org)),
        change("deleteAuthorizationServer", authServerId=_server(org)),
    ],
    "trust": lambda org: [
        change(
            "deleteAssociatedServer",
            authServerId=_server(org),
            associatedServerId=org.list("authorization_server")[0]["id"],
        ),
        change(
            "createAssociatedServers",
            authServerId=_server(org),
            body={"trusted": [org.list("authorization_server")[0]["id"]]},
        ),
    ],
    "an app": lambda org: [
        change("assignGroupToApplication", appId=_saml_app(org), groupId=_group(org)),
        change("unassignApplicationFromGroup", appId=_saml_app(org), groupId=_group(org)),
        change("deactivateApplication", appId=_saml_app(org)),
        change("deleteApplication", appId=_saml_app(org)),
    ],
}


@pytest.mark.parametrize("name", JOURNEYS)
def test_changes_of_many_kinds_are_made_and_then_known_to_be_made(
    name: str, ask: Ask, org: Org
) -> None:
    wanted = JOURNEYS[name](org)
    run = ask(*wanted)

    work_all()

    assert (fresh(run).state, fresh(run).error_detail) == (RunState.SUCCEEDED, "")
    assert [len(made(org, each.operation.name)) for each in wanted] == [1] * len(wanted)


@pytest.mark.parametrize("name", JOURNEYS)
def test_changes_of_many_kinds_are_found_when_nobody_heard_that_they_were_made(
    name: str, ask: Ask, org: Org, kill: Kill
) -> None:
    wanted = JOURNEYS[name](org)
    run = ask(*wanted)
    for _ in wanted:
        kill.at(write=True, after=True)
        die(run)

    work_all()

    assert (fresh(run).state, fresh(run).error_detail) == (RunState.SUCCEEDED, "")
    assert [len(made(org, each.operation.name)) for each in wanted] == [1] * len(wanted)
