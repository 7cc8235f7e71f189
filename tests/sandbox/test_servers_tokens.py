"""Clients of an authorization server and their refresh tokens."""

from urllib.parse import quote

import pytest

from tenants.sandbox.org import Org
from tests.sandbox.app_bodies import oidc
from tests.sandbox.caller import Caller

CLIENTS = "/api/v1/authorizationServers/default/clients"


@pytest.fixture
def client_id(client: Caller) -> str:
    found: str = client.get(CLIENTS).json()[0]["client_id"]
    return found


def test_clients_are_those_that_hold_tokens(manager: Caller, client_id: str) -> None:
    before = [client["client_id"] for client in manager.get(CLIENTS).json()]

    revoked = manager.send("DELETE", f"{CLIENTS}/{client_id}/tokens")

    after = [client["client_id"] for client in manager.get(CLIENTS).json()]
    assert (revoked.status, revoked.body) == (204, b"")
    assert before == [client_id, *after]
    assert manager.get(f"{CLIENTS}/{client_id}/tokens").json() == []


def test_a_deleted_app_holds_no_tokens(manager: Caller, client_id: str) -> None:
    (app,) = [one for one in manager.get("/api/v1/apps?limit=200").json() if one["id"] == client_id]
    path = f"/api/v1/apps/{app['id']}"
    manager.send("POST", f"{path}/lifecycle/deactivate")

    assert manager.send("DELETE", path).status == 204
    assert client_id not in [client["client_id"] for client in manager.get(CLIENTS).json()]
    assert manager.get(f"{CLIENTS}/{client_id}/tokens").status == 404


def test_a_client_is_named_like_its_app(client: Caller, org: Org, client_id: str) -> None:
    shown = client.get(CLIENTS).json()[0]

    assert shown["client_name"] == org.get("app", client_id)["label"]
    assert shown["_links"]["tokens"]["href"].endswith(f"{CLIENTS}/{client_id}/tokens")


def test_a_refresh_token_shows_everything_but_its_value(client: Caller, client_id: str) -> None:
    token = client.get(f"{CLIENTS}/{client_id}/tokens").json()[0]

    single = client.get(f"{CLIENTS}/{client_id}/tokens/{token['id']}")

    assert single.json() == token
    assert (token["status"], token["clientId"]) == ("ACTIVE", client_id)
    assert token["issuer"] == "https://acme.okta.com/oauth2/default"
    assert token["scopes"] == ["offline_access", "openid"]
    assert "_embedded" not in token


def test_scopes_come_along_when_asked_for(client: Caller, client_id: str) -> None:
    path = f"{CLIENTS}/{client_id}/tokens"

    listed = client.get(f"{path}?expand=scope").json()[0]
    single = client.get(f"{path}/{listed['id']}?expand=scope").json()

    scopes = listed["_embedded"]["scopes"]
    assert single == listed
    assert {scope["name"] for scope in scopes} == {"offline_access", "openid"}
    assert "/scopes/scp" in scopes[0]["_links"]["scope"]["href"]
    assert client.get(f"{path}?expand=user").json()["errorCode"] == "E0000001"


def test_tokens_come_in_pages(client: Caller, client_id: str) -> None:
    path = f"{CLIENTS}/{client_id}/tokens"
    everything = client.get(path).json()

    first = client.get(f"{path}?limit=1")
    second = client.get(first.links["next"].removeprefix("https://acme.okta.com"))

    assert [*first.json(), *second.json()] == everything
    assert "next" not in second.links
    assert client.get(f"{path}?after=junk").json()["errorCode"] == "E0000029"


def test_a_client_id_is_read_from_a_path_as_it_was_encoded(manager: Caller) -> None:
    app, chosen = oidc(), "shop+1!(eu)"
    app["credentials"]["oauthClient"]["client_id"] = chosen
    manager.send("POST", "/api/v1/apps", app)

    tokens = manager.get(f"{CLIENTS}/{quote(chosen, safe='')}/tokens")

    assert (tokens.status, tokens.json()) == (200, [])
    unknown = manager.get(f"{CLIENTS}/no%2Fbody/tokens").json()
    assert unknown["errorSummary"] == "Not found: Resource not found: no/body (PublicClientApp)"


def test_one_token_can_be_revoked(manager: Caller, client_id: str) -> None:
    path = f"{CLIENTS}/{client_id}/tokens"
    first, second = manager.get(path).json()

    revoked = manager.send("DELETE", f"{path}/{first['id']}")
    again = manager.send("DELETE", f"{path}/{first['id']}")

    assert revoked.status == 204
    assert (again.status, again.json()["errorSummary"].endswith("(OAuth2RefreshTokenTx)")) == (
        404,
        True,
    )
    assert manager.get(path).json() == [second]


def test_a_known_client_without_tokens_is_not_unknown(client: Caller, org: Org) -> None:
    known = client.get(f"{CLIENTS}/{org.client_id}/tokens")
    unknown = client.get(f"{CLIENTS}/0oaNobody/tokens")

    assert (known.status, known.json()) == (200, [])
    assert unknown.status == 404
    assert unknown.json()["errorSummary"].endswith("0oaNobody (PublicClientApp)")
