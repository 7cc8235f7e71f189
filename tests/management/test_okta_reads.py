"""``manage.py okta`` reads: what it asks for, and what it shows on which stream."""

import json

import pytest

from tenants.models import Tenant
from tenants.sandbox.faults import Body
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.management.commanding import Okta, on_record

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_object_is_printed_as_json_and_told_about_on_the_other_stream(
    okta: Okta, app_id: str
) -> None:
    said = okta("acme.okta.com", "getApplication", "--path", f"appId={app_id}")

    assert said.code == 0
    assert json.loads(said.out)["id"] == app_id
    assert f"GET https://acme.okta.com/api/v1/apps/{app_id}: 200, request ID " in said.err


def test_a_listing_is_one_page_unless_all_is_asked_for(okta: Okta) -> None:
    page = okta("acme.okta.com", "listApplications", "--query", "limit=5")
    whole = okta("acme.okta.com", "listApplications", "--query", "limit=5", "--all")

    assert len(json.loads(page.out)) == 5
    assert "There are more pages: add --all." in page.err
    assert len({app["id"] for app in json.loads(whole.out)}) == 12
    assert "12 items" in whole.err
    assert "more pages" not in whole.err


def test_an_empty_listing_is_an_empty_array(okta: Okta) -> None:
    said = okta("Acme", "listApplications", "--query", "q=nobody has this name")

    assert (said.code, json.loads(said.out)) == (0, [])


def test_the_token_has_the_scope_of_the_operation_and_no_other(okta: Okta, acme: Org) -> None:
    okta("acme.okta.com", "listAuthorizationServers")
    okta("acme.okta.com", "listApplications")

    asked = {entry.path: entry.scopes for entry in acme.requests if "/api/" in entry.path}
    assert asked == {
        "/api/v1/authorizationServers": {"okta.authorizationServers.read"},
        "/api/v1/apps": {"okta.apps.read"},
    }


@pytest.mark.parametrize(
    "name", ["listapplicationKEYS", "LISTOAUTH2CLIENTSECRETS", "listClientSecretsForApplication"]
)
def test_operations_go_by_any_case_and_by_their_old_names(
    okta: Okta, app_id: str, name: str
) -> None:
    said = okta("acme.okta.com", name, "--path", f"appId={app_id}")

    assert said.code == 0
    assert isinstance(json.loads(said.out), list)


@pytest.mark.parametrize(
    "word", ["ACME.okta.com", "https://acme-admin.okta.com/admin", "acme", "{id}", "{org_id}"]
)
def test_a_tenant_goes_by_host_id_or_name(okta: Okta, connected: Tenant, word: str) -> None:
    said = okta(word.format(id=connected.pk, org_id=connected.org_id), "listApplications")

    assert said.code == 0


def test_xml_comes_as_okta_wrote_it(okta: Okta, acme: Org) -> None:
    app = next(app for app in acme.list("app") if app["signOnMode"] == "SAML_2_0")
    path = ("--path", f"appId={app['id']}")
    [key, *_] = json.loads(okta("Acme", "listApplicationKeys", *path).out)

    said = okta("Acme", "previewSAMLmetadataForApplication", *path, "--query", f"kid={key['kid']}")

    assert said.code == 0
    assert said.out.startswith(b"<?xml")


def test_on_a_terminal_json_is_laid_out_and_cannot_steer_it(
    okta: Okta, acme: Org, app_id: str
) -> None:
    acme.put("app", {**acme.get("app", app_id), "label": "M\u00fcller \x1b[2J \u202etxt"})

    said = okta("Acme", "getApplication", "--path", f"appId={app_id}", at_terminal=True)

    shown = said.out.decode()
    assert '\n  "label"' in shown
    assert "M\u00fcller \\u001b[2J \\u202etxt" in shown
    assert json.loads(shown)["label"] == "M\u00fcller \x1b[2J \u202etxt"


def test_a_read_leaves_one_trace(okta: Okta) -> None:
    okta("acme.okta.com", "listApplications", "--query", "q=somebody", "limit=1")

    [event] = on_record()
    assert event["operation"] == "listApplications"
    assert event["effect"] == "read"
    assert event["query"] == {"q": "…", "limit": "…"}
    assert event["login"]


def test_an_odd_item_is_kept_and_one_that_cannot_be_read_costs_the_exit_code(
    okta: Okta, sandbox: Sandbox
) -> None:
    listed = '[{"id": "0oa1"}, {"label": "no id", "password": "x"}, {"id":"0oa2","n":1e999}]'
    sandbox.faults.add(Body(text=listed, operation="listApplications"))

    said = okta("Acme", "listApplications")

    assert json.loads(said.out) == [{"id": "0oa1"}, {"label": "no id"}]
    assert "Odd: item 2 has no id." in said.err
    assert "Left out: an item that cannot be read" in said.err
    assert said.code == 10
