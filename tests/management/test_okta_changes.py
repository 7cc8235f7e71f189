"""``manage.py okta`` changes an org: asked for, on the record, secrets only on demand."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError

from tenants.models import AuditEvent, Tenant
from tenants.sandbox.org import Org
from tests.management.commanding import Okta, on_record

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_change_without_a_terminal_needs_yes(okta: Okta, acme: Org, app_id: str) -> None:
    said = okta("acme.okta.com", "deactivateApplication", "--path", f"appId={app_id}")

    assert said.code == 3
    assert "needs --yes" in said.err
    assert (list(acme.requests), on_record()) == ([], [])


@pytest.mark.parametrize("answer", ["n\n", "\n", "yess\n", ""])
def test_anything_but_a_yes_is_a_no(okta: Okta, acme: Org, app_id: str, answer: str) -> None:
    path = ("--path", f"appId={app_id}")

    said = okta("Acme", "deactivateApplication", *path, types=answer, at_terminal=True)

    assert said.code == 3
    assert not acme.requests


def test_the_question_names_tenant_operation_target_and_effect(
    okta: Okta, acme: Org, app_id: str
) -> None:
    acme.grant("okta.apps.manage")
    path = ("--path", f"appId={app_id}")

    said = okta("Acme", "deactivateApplication", *path, types="y\n", at_terminal=True)

    assert said.code == 0
    assert "Acme (acme.okta.com): deactivateApplication changes a state" in said.err
    assert f"POST /api/v1/apps/{app_id}/lifecycle/deactivate\n  no body" in said.err
    assert acme.get("app", app_id)["status"] == "INACTIVE"


def test_a_success_says_where_and_under_which_number(okta: Okta, oidc_app_id: str) -> None:
    body = b'{"subject": {"commonName": "acme.example"}}'
    path = ("--path", f"appId={oidc_app_id}")

    said = okta("Acme", "generateCsrForApplication", *path, "--body", "-", "--yes", piped=body)

    assert f"/credentials/csrs/{json.loads(said.out)['id']}, request ID " in said.err
    assert said.err.strip().endswith(on_record()[1]["request_id"])


def test_the_name_of_a_tenant_cannot_steer_the_terminal_that_asks(
    okta: Okta, connected: Tenant, app_id: str
) -> None:
    Tenant.objects.filter(pk=connected.pk).update(name="Acme\x1b[2J")
    words = ("acme.okta.com", "deactivateApplication", "--path", f"appId={app_id}")

    said = okta(*words, types="n\n", at_terminal=True)

    assert "Acme\\u001b[2J (acme.okta.com)" in said.err
    assert "\x1b" not in said.err


def test_a_change_is_on_the_record_before_and_after(okta: Okta, acme: Org, app_id: str) -> None:
    acme.grant("okta.apps.manage")

    said = okta("Acme", "deactivateApplication", "--path", f"appId={app_id}", "--yes")

    began, ended = on_record()
    assert said.code == 0
    assert began["action"] == "call.sent"
    assert began["path"] == {"appId": app_id}
    assert ended["action"] == "call.ended"
    assert (ended["outcome"], ended["status"]) == ("done", 200)
    assert ended["call"] == str(AuditEvent.objects.get(action="call.sent").pk)


def test_what_cannot_be_recorded_is_not_done(
    okta: Okta, acme: Org, app_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme.grant("okta.apps.manage")

    def refuse(*_: Any, **__: Any) -> None:
        raise DatabaseError("the disk is full of customers' names")

    monkeypatch.setattr(AuditEvent.objects, "record", refuse)

    said = okta("Acme", "deactivateApplication", "--path", f"appId={app_id}", "--yes")

    assert (said.code, said.err.count("nothing was sent")) == (1, 1)
    assert "customers" not in said.err
    assert not acme.requests


def test_an_outcome_that_cannot_be_recorded_does_not_hide_the_answer(
    okta: Okta, oidc_app_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("Acme", "createOAuth2ClientSecret", "--path", f"appId={oidc_app_id}")
    file = tmp_path / "secret.json"
    record = AuditEvent.objects.record

    def refuse_the_end(action: str, **detail: Any) -> AuditEvent:
        if action == "call.ended":
            raise DatabaseError("away")
        return record(action, **detail)

    monkeypatch.setattr(AuditEvent.objects, "record", refuse_the_end)

    said = okta(*words, "--yes", "--reveal-created", "--file", file)

    assert said.code == 1
    assert "its outcome could not be put on the record" in said.err
    assert json.loads(file.read_text())["client_secret"]


def test_a_created_secret_is_not_shown_unasked(okta: Okta, oidc_app_id: str) -> None:
    words = ("Acme", "createOAuth2ClientSecret", "--path", f"appId={oidc_app_id}")

    said = okta(*words, types="y\n", at_terminal=True)

    assert said.code == 0
    assert "client_secret" not in json.loads(said.out)
    assert "shown to nobody without --reveal-created" in said.err


def test_a_revealed_secret_is_announced_and_on_the_record_but_not_in_it(
    okta: Okta, oidc_app_id: str
) -> None:
    words = ("Acme", "createOAuth2ClientSecret", "--path", f"appId={oidc_app_id}")

    said = okta(*words, "--reveal-created", "--yes")

    secret = json.loads(said.out)["client_secret"]
    assert "Okta shows it only this once" in said.err
    assert on_record()[0]["reveals"] is True
    assert secret not in json.dumps(on_record()) + said.err


def test_a_listing_never_shows_a_secret(okta: Okta, acme: Org, oidc_app_id: str) -> None:
    said = okta("Acme", "listOAuth2ClientSecrets", "--path", f"appId={oidc_app_id}")

    assert said.code == 0
    assert all("client_secret" not in secret for secret in json.loads(said.out))


def test_a_token_is_asked_for_introspected_and_revoked_in_the_clients_own_name(
    okta: Okta, acme: Org
) -> None:
    form = b'{"grant_type": "client_credentials", "scope": "okta.apps.read"}'

    hidden = okta("Acme", "token", "--body", "-", "--yes", piped=form)
    made = okta("Acme", "token", "--body", "-", "--yes", "--reveal-created", piped=form)
    token = json.dumps({"token": json.loads(made.out)["access_token"]}).encode()
    alive = okta("Acme", "introspect", "--body", "-", piped=token)
    revoked = okta("Acme", "revoke", "--body", "-", "--yes", piped=token)
    dead = okta("Acme", "introspect", "--body", "-", piped=token)

    assert [said.code for said in (hidden, made, alive, revoked, dead)] == [0] * 5
    assert "access_token" not in json.loads(hidden.out)
    assert json.loads(alive.out)["active"] is True
    assert revoked.out == b""
    assert json.loads(dead.out) == {"active": False}
    assert json.loads(token)["token"] not in json.dumps(on_record())
