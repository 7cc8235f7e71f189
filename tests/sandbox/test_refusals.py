"""Everything an org answers that is not data."""

import re
from collections.abc import Callable

import pytest

from tenants.sandbox.org import Asked, Org
from tenants.sandbox.server import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.conftest import Clock

SERVERS = "/api/v1/authorizationServers"


def test_the_organization_is_described_to_anybody(stranger: Caller, org: Org) -> None:
    answer = stranger.get("/.well-known/okta-organization")

    assert answer.json() == {
        "id": org.org_id,
        "pipeline": "idx",
        "_links": {"organization": {"href": "https://acme.okta.com"}},
    }
    assert re.fullmatch(r"00o[A-Za-z0-9]{17}", org.org_id)


def test_errors_have_okta_s_five_keys(client: Caller) -> None:
    error = client.get("/api/v1/apps/0oaNobody").json()

    assert list(error) == ["errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"]
    assert error["errorLink"] == error["errorCode"]
    assert re.fullmatch(r"oae[A-Za-z0-9_-]{22}", error["errorId"])


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "SSWS wrong", "Basic YTpi"])
def test_without_a_valid_token_nothing_is_read(stranger: Caller, org: Org, header: str) -> None:
    answer = stranger.get("/api/v1/apps", authorization=header)

    assert (answer.status, answer.json()["errorCode"]) == (401, "E0000011")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_missing_scope_is_named(stranger: Caller, org: Org) -> None:
    client = stranger.sign_in(org, "okta.apps.read")

    answer = client.get(SERVERS)

    challenge = answer.headers["www-authenticate"]
    assert (answer.status, answer.json()["errorCode"]) == (403, "E0000006")
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="okta.authorizationServers.read"' in challenge


def test_a_manage_scope_includes_reading(stranger: Caller, org: Org) -> None:
    org.grant("okta.apps.manage")

    assert stranger.sign_in(org, "okta.apps.manage").get("/api/v1/apps").status == 200


def test_a_withdrawn_scope_counts_from_the_next_token(client: Caller, org: Org) -> None:
    org.ungrant("okta.apps.read")

    still = client.get("/api/v1/apps").status
    refused = client.ask_token(org.client_id, org.client_secret, "okta.apps.read")

    assert still == 200
    assert refused.json()["error"] == "consent_required"


@pytest.mark.parametrize(
    ("path", "java_class"),
    [
        ("/api/v1/apps/0oaNobody", "AppInstance"),
        ("/api/v1/authorizationServers/0oaNobody", "AuthorizationServer"),
        ("/api/v1/authorizationServers/0oaNobody/scopes", "AuthorizationServer"),
        ("/api/v1/authorizationServers/default/policies/0oaNobody/rules", "Policy"),
        ("/api/v1/authorizationServers/default/scopes/0oaNobody", "OAuth2Scope"),
        ("/api/v1/authorizationServers/default/claims/0oaNobody", "OAuth2Claim"),
    ],
)
def test_an_unknown_id_is_named_with_its_class(client: Caller, path: str, java_class: str) -> None:
    answer = client.get(path)

    summary = f"Not found: Resource not found: 0oaNobody ({java_class})"
    assert answer.status == 404
    assert (answer.json()["errorCode"], answer.json()["errorSummary"]) == ("E0000007", summary)


def test_an_unknown_path_is_another_404(client: Caller) -> None:
    assert client.get("/api/v1/nothing").json()["errorCode"] == "E0000008"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/api/v1/apps"),
        ("GET", "/oauth2/v1/token"),
        ("POST", "/.well-known/okta-organization"),
    ],
)
def test_a_method_that_is_not_supported_gets_no_request_id(
    client: Caller, method: str, path: str
) -> None:
    answer = client.call(method, path)

    assert (answer.status, answer.json()["errorCode"]) == (405, "E0000022")
    assert answer.headers["x-okta-request-id"] is None


def test_a_doubled_slash_is_accepted(client: Caller) -> None:
    assert client.get("//api/v1/apps").status == 200


def test_an_org_without_the_licence_says_so_with_a_401(client: Caller, org: Org) -> None:
    org.licensed = False

    answer = client.get(SERVERS)

    assert (answer.status, answer.json()["errorCode"]) == (401, "E0000015")
    assert answer.headers["www-authenticate"] is None
    assert client.get("/api/v1/apps").status == 200


def test_every_answer_counts_down_its_bucket(client: Caller, org: Org) -> None:
    first, second = client.get("/api/v1/apps"), client.get("/api/v1/apps?limit=1")
    one_app = client.get(f"/api/v1/apps/{first.json()[0]['id']}")

    assert first.headers["x-rate-limit-limit"] == "100"
    assert [a.headers["x-rate-limit-remaining"] for a in (first, second)] == ["99", "98"]
    assert one_app.headers["x-rate-limit-limit"] == "500"
    assert re.fullmatch(r"[0-9a-f]{32}", first.headers["x-okta-request-id"])


def test_too_many_requests_are_refused_until_the_window_is_over(
    client: Caller, org: Org, clock: Clock
) -> None:
    org.rate_limits["/api/v1/apps"] = 1
    client.get("/api/v1/apps")

    refused = client.get("/api/v1/apps")
    clock.now += 60
    after = client.get("/api/v1/apps")

    assert (refused.status, refused.json()["errorCode"]) == (429, "E0000047")
    assert refused.headers["x-rate-limit-remaining"] == "0"
    assert int(refused.headers["x-rate-limit-reset"]) == clock.now
    assert refused.headers["retry-after"] is None
    assert after.status == 200


def test_one_full_bucket_leaves_the_others_open(client: Caller, org: Org) -> None:
    org.rate_limits["/api/v1/apps"] = 0

    assert client.get("/api/v1/apps").status == 429
    assert client.get(SERVERS).status == 200


def test_a_host_without_an_org_gets_the_edge_s_bare_404(
    connect: Callable[[str], Caller], org: Org
) -> None:
    answer = connect("acme-typo.okta.com").get("/api/v1/apps")

    assert (answer.status, answer.body) == (404, b'{"status":404,"message":"Resource not found"}\n')
    assert answer.headers["server"] == "Apache"
    assert answer.headers["content-type"] is None
    assert answer.headers["x-okta-request-id"] is None


def test_the_admin_host_redirects_even_the_token_request(
    connect: Callable[[str], Caller], org: Org
) -> None:
    answer = connect("acme-admin.okta.com").ask_token(org.client_id, org.client_secret, "x")

    assert answer.status == 302
    assert answer.headers["location"].startswith("https://acme.okta.com/")


def test_a_dead_org_answers_with_a_page(client: Caller, org: Org) -> None:
    org.dead = True

    answer = client.get("/.well-known/okta-organization")

    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_the_host_must_be_the_one_of_the_handshake(
    stranger: Caller, org: Org, sandbox: Sandbox
) -> None:
    sandbox.add_org("globex.oktapreview.com", apps=1)

    answer = stranger.get("/.well-known/okta-organization", host="globex.oktapreview.com")

    assert answer.status == 421


def test_an_org_remembers_what_it_was_asked(stranger: Caller, org: Org) -> None:
    stranger.sign_in(org, "okta.apps.read").get("/api/v1/apps?limit=1")

    assert list(org.requests) == [
        Asked("POST", "/oauth2/v1/token", frozenset()),
        Asked("GET", "/api/v1/apps", frozenset({"okta.apps.read"})),
    ]
