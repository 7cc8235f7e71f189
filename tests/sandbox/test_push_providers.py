"""Push providers: secrets go in and never come out."""

from pathlib import Path
from typing import Any

import pytest

from tenants.sandbox.control import Control
from tenants.sandbox.credentials import write_credentials
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tenants.sandbox.store import Body
from tests.sandbox.caller import Answer, Caller
from tests.sandbox.conftest import Clock

PROVIDERS = "/api/v1/push-providers"
PEM = "-----BEGIN PRIVATE KEY-----\nhidden\n-----END PRIVATE KEY-----"
ACCOUNT = {"project_id": "acme-1", "private_key": PEM, "client_email": "push@acme.example"}
APPLE: Body = {
    "name": "Phones",
    "providerType": "APNS",
    "configuration": {"keyId": "KEY7654321", "teamId": "TEAM654321", "tokenSigningKey": PEM},
}
GOOGLE: Body = {
    "name": "Tablets",
    "providerType": "FCM",
    "configuration": {"serviceAccountJson": ACCOUNT},
}


def apple(**configuration: object) -> Body:
    return {**APPLE, "configuration": {**APPLE["configuration"], **configuration}}


def google(**account: object) -> Body:
    return {**GOOGLE, "configuration": {"serviceAccountJson": {**ACCOUNT, **account}}}


def causes(answer: Answer) -> list[str]:
    body = answer.json()
    assert (answer.status, body["errorCode"]) == (400, "E0000001")
    return [cause["errorSummary"] for cause in body["errorCauses"]]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        pytest.param(
            apple(fileName="phones.p8"),
            {"fileName": "phones.p8", "teamId": "TEAM654321", "keyId": "KEY7654321"},
            id="APNS",
        ),
        pytest.param(GOOGLE, {"projectId": "acme-1"}, id="FCM"),
    ],
)
def test_a_provider_never_shows_its_secret(manager: Caller, body: Body, shown: Body) -> None:
    answer = manager.send("POST", PROVIDERS, body)

    provider = answer.json()
    listed = manager.get(PROVIDERS)
    assert answer.status == 200
    assert provider["configuration"] == shown
    assert provider["lastUpdatedDate"] == "2026-09-21T14:13:20.000Z"
    assert manager.get(f"{PROVIDERS}/{provider['id']}").json() == provider
    assert provider in listed.json()
    assert b"hidden" not in answer.body + listed.body


def test_a_list_can_be_of_one_type_and_has_no_pages(manager: Caller) -> None:
    manager.send("POST", PROVIDERS, GOOGLE)

    lists = {kind: manager.get(f"{PROVIDERS}?type={kind}") for kind in ("APNS", "FCM")}

    for kind, answer in lists.items():
        assert [body["providerType"] for body in answer.json()] == [kind]
        assert answer.links == {}
    assert len(manager.get(PROVIDERS).json()) == 2
    assert causes(manager.get(f"{PROVIDERS}?type=WNS"))[0].startswith("type: ")


def test_a_replacement_may_leave_the_secret_out(manager: Caller, clock: Clock) -> None:
    path = f"{PROVIDERS}/{manager.send('POST', PROVIDERS, APPLE).json()['id']}"
    clock.now += 60

    answer = manager.send("PUT", path, apple(tokenSigningKey=None, keyId="KEY0000000"))

    assert answer.status == 200
    assert answer.json()["configuration"] == {"teamId": "TEAM654321", "keyId": "KEY0000000"}
    assert answer.json()["lastUpdatedDate"] == "2026-09-21T14:14:20.000Z"
    assert manager.get(path).json() == answer.json()


def test_a_replaced_account_names_its_new_project(manager: Caller) -> None:
    path = f"{PROVIDERS}/{manager.send('POST', PROVIDERS, GOOGLE).json()['id']}"

    kept = manager.send("PUT", path, {**GOOGLE, "configuration": {"fileName": "a.json"}}).json()
    changed = manager.send("PUT", path, google(project_id="acme-2")).json()

    assert kept["configuration"] == {"projectId": "acme-1", "fileName": "a.json"}
    assert changed["configuration"] == {"projectId": "acme-2"}


def test_a_name_is_used_once(manager: Caller) -> None:
    taken = manager.get(PROVIDERS).json()[0]["name"]
    path = f"{PROVIDERS}/{manager.send('POST', PROVIDERS, APPLE).json()['id']}"

    assert causes(manager.send("POST", PROVIDERS, {**GOOGLE, "name": taken}))
    assert causes(manager.send("PUT", path, {**APPLE, "name": taken}))
    assert manager.send("PUT", path, APPLE).status == 200


def test_a_provider_in_use_stays(manager: Caller, org: Org) -> None:
    path = f"{PROVIDERS}/{manager.get(PROVIDERS).json()[0]['id']}"
    org.use_push_provider(path.rpartition("/")[2])

    refused = manager.send("DELETE", path)
    org.use_push_provider(path.rpartition("/")[2], in_use=False)
    deleted = manager.send("DELETE", path)

    assert (refused.status, refused.json()["errorCode"]) == (409, "E0000187")
    assert (deleted.status, deleted.body) == (204, b"")
    gone = manager.get(path)
    assert (gone.status, gone.json()["errorSummary"].rpartition(" ")[2]) == (
        404,
        "(PushProviderConfigEntity)",
    )


def test_both_missing_parts_are_named_at_once(manager: Caller) -> None:
    answer = manager.send("POST", PROVIDERS, {"name": "x"})

    assert answer.json()["errorSummary"] == "Api validation failed: providerType"
    assert [cause.partition(":")[0] for cause in causes(answer)] == [
        "providerType",
        "configuration",
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        pytest.param({**APPLE, "name": " " * 256}, "name", id="long name"),
        pytest.param({**APPLE, "name": None}, "name", id="no name"),
        pytest.param({**APPLE, "providerType": "WNS"}, "providerType", id="unknown type"),
        pytest.param({**APPLE, "configuration": "x"}, "configuration", id="wrong type"),
        pytest.param(apple(keyId="SHORT"), "configuration.keyId", id="short key id"),
        pytest.param(apple(teamId=None), "teamId", id="no team"),
        pytest.param(apple(tokenSigningKey=None), "tokenSigningKey", id="no key"),
        pytest.param(apple(tokenSigningKey="x"), "configuration.tokenSigningKey", id="no PEM"),
        pytest.param(google(project_id=""), "project_id", id="no project"),
        pytest.param(google(private_key=1), "private_key", id="key is a number"),
    ],
)
def test_a_provider_that_makes_no_sense_is_refused(manager: Caller, body: Any, field: str) -> None:
    assert causes(manager.send("POST", PROVIDERS, body))[0].startswith(f"{field}: ")
    assert len(manager.get(PROVIDERS).json()) == 1


def test_a_provider_keeps_its_type(manager: Caller) -> None:
    path = f"{PROVIDERS}/{manager.get(PROVIDERS).json()[0]['id']}"

    assert causes(manager.send("PUT", path, GOOGLE))[0].startswith("providerType: ")


def test_another_process_can_put_a_provider_to_use(
    manager: Caller, sandbox: Sandbox, org: Org, tmp_path: Path
) -> None:
    write_credentials(sandbox, tmp_path / "credentials.json")
    control = Control(tmp_path / "credentials.json")
    okta_id = manager.get(PROVIDERS).json()[0]["id"]

    control.do(org.host, "use_push_provider", id=okta_id)
    refused = manager.send("DELETE", f"{PROVIDERS}/{okta_id}")
    control.do(org.host, "use_push_provider", id=okta_id, in_use=False)

    assert refused.status == 409
    assert manager.send("DELETE", f"{PROVIDERS}/{okta_id}").status == 204
