import time

import pytest

from tenants.okta.errors import (
    EgressRefused,
    OktaAuthError,
    OktaCursorError,
    OktaDpopRequired,
    OktaError,
    OktaForbidden,
    OktaNetworkZone,
    OktaNotFound,
    OktaNotLicensed,
    OktaProtocolError,
    OktaRateLimited,
    OktaReadOnly,
    OktaRequestError,
    OktaScopeError,
    OktaUnavailable,
    OktaWrongApp,
    OktaWrongHost,
)
from tenants.okta.refusals import api_refusal, token_refusal
from tests.okta.fakes import limits, refusal, reply

SECRET = "s3cret"
READ_APPS = frozenset({"okta.apps.read"})

BAD_SECRET = "The client secret supplied for a confidential client is invalid."
CUSTOM_APP = (
    "Client Credentials requests to the Org Authorization Server must use the private_key_jwt "
    "token_endpoint_auth_method."
)
WEB_APP = "Only clients with 'application_type' of 'service' can use this grant."
BAD_CLIENT = (
    "Client authentication failed. Either the client or the client credentials are invalid."
)
INSUFFICIENT = 'Bearer realm="x", scope="okta.apps.read", error="insufficient_scope"'


def oauth(status, error, description="No."):
    return reply({"error": error, "error_description": description}, status)


def page(status):
    return reply(b"<html>", status, content_type="text/html; charset=utf-8")


def edge_404():
    return reply(b'{"status":404,"message":"Resource not found"}\n', 404, content_type=[])


def of_token(answer, asked=READ_APPS):
    return token_refusal(answer, asked=asked, hide=SECRET)


def of_api(answer, *, paging=False):
    return api_refusal(answer, scope="okta.apps.read", paging=paging, hide=SECRET)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (oauth(401, "invalid_client", BAD_SECRET), OktaAuthError),
        (oauth(401, "invalid_client", BAD_CLIENT), OktaAuthError),
        (refusal(401, "invalid_client", "Invalid value for 'client_id' parameter."), OktaAuthError),
        (oauth(401, "invalid_client", CUSTOM_APP), OktaWrongApp),
        (oauth(401, "invalid_client", WEB_APP), OktaWrongApp),
        (oauth(400, "unauthorized_client"), OktaWrongApp),
        (oauth(400, "unsupported_grant_type"), OktaWrongApp),
        (oauth(400, "invalid_dpop_proof"), OktaDpopRequired),
        (oauth(400, "use_dpop_nonce"), OktaDpopRequired),
        (oauth(400, "invalid_scope"), OktaScopeError),
        (oauth(400, "consent_required"), OktaScopeError),
        (oauth(400, "access_denied"), OktaForbidden),
        (oauth(403, "access_denied"), OktaNetworkZone),
        (oauth(403, "server_error"), OktaNotLicensed),
        (oauth(500, "server_error"), OktaUnavailable),
        (oauth(400, "server_error"), OktaUnavailable),
        (oauth(400, "temporarily_unavailable"), OktaUnavailable),
        (oauth(400, "invalid_request"), OktaRequestError),
        (oauth(401, "invalid_request"), OktaRequestError),
        (oauth(401, "something_new"), OktaAuthError),
        (oauth(418, "something_new"), OktaRequestError),
        (refusal(401, "E0000015"), OktaNotLicensed),
        (refusal(403, "E0000260"), OktaWrongHost),
        (refusal(429, "E0000047"), OktaRateLimited),
        (page(503), OktaUnavailable),
        (page(404), OktaWrongHost),
        (page(403), OktaWrongHost),
        (edge_404(), OktaWrongHost),
        (reply(status=302, location="https://acme.okta.com/"), OktaWrongHost),
    ],
)
def test_the_token_endpoints_refusals_mean_what_the_admin_must_do(answer, kind):
    assert type(of_token(answer)) is kind


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (refusal(401, "E0000011"), OktaAuthError, "invalid_token"),
        (refusal(401, "E0000004"), OktaAuthError, "invalid_token"),
        (reply(status=401), OktaAuthError, "invalid_token"),
        (refusal(401, "E0000015"), OktaNotLicensed, "not_licensed"),
        (refusal(403, "E0000006"), OktaForbidden, "role_too_narrow"),
        (refusal(403, "E0000005"), OktaForbidden, "role_too_narrow"),
        (refusal(403, "E0000006", www_authenticate=INSUFFICIENT), OktaScopeError, "scope_missing"),
        (refusal(403, "E0000056"), OktaRequestError, "rejected"),
        (refusal(403, "E0000260"), OktaWrongHost, "wrong_host"),
        (refusal(404, "E0000007"), OktaNotFound, "not_found"),
        (refusal(404, "E0000008"), OktaNotFound, "not_found"),
        (edge_404(), OktaWrongHost, "wrong_host"),
        (page(404), OktaWrongHost, "wrong_host"),
        (page(410), OktaWrongHost, "wrong_host"),
        (reply(status=301), OktaWrongHost, "wrong_host"),
        (refusal(400, "E0000001"), OktaRequestError, "rejected"),
        (refusal(400, "E0000029"), OktaRequestError, "rejected"),
        (refusal(409, "E0000187"), OktaRequestError, "rejected"),
        (refusal(409, "E0000268"), OktaUnavailable, "unavailable"),
        (refusal(423, "E0000239"), OktaUnavailable, "unavailable"),
        (refusal(500, "E0000009"), OktaUnavailable, "unavailable"),
        (refusal(503, "E0000010"), OktaReadOnly, "read_only"),
        (page(502), OktaUnavailable, "unavailable"),
    ],
)
def test_the_apis_refusals_are_told_apart_by_status_and_code(answer, kind, code):
    error = of_api(answer)

    assert type(error) is kind
    assert error.code == code


@pytest.mark.parametrize("code", ["E0000029", "E0000031"])
def test_a_forgotten_cursor_is_an_error_of_its_own(code):
    assert type(of_api(refusal(400, code), paging=True)) is OktaCursorError


def test_a_lone_scope_that_is_refused_is_named():
    assert of_token(oauth(400, "invalid_scope")).missing_scope == "okta.apps.read"
    assert of_token(oauth(400, "invalid_scope"), READ_APPS | {"b"}).missing_scope == ""


@pytest.mark.parametrize(
    ("challenge", "missing"),
    [
        ('Bearer scope="okta.users.read", error="insufficient_scope"', "okta.users.read"),
        ('Bearer error="insufficient_scope"', "okta.apps.read"),
        ('Bearer scope="a b", error="insufficient_scope"', "okta.apps.read"),
        (f'Bearer scope="{"x" * 500}", error="insufficient_scope"', "okta.apps.read"),
    ],
)
def test_the_missing_scope_is_the_challenged_one_or_the_operations(challenge, missing):
    error = of_api(refusal(403, "E0000006", www_authenticate=challenge))

    assert error.missing_scope == missing


def test_a_rate_limit_says_how_long_to_wait():
    error = of_api(refusal(429, "E0000047", **limits(100, 0, 8)))

    assert (error.retryable, error.retry_after) == (True, 9.0)


def test_what_oktas_support_asks_for_is_kept():
    request_id = "a1" * 16
    error = of_api(refusal(404, "E0000007", x_okta_request_id=request_id))

    assert (error.status, error.error_code) == (404, "E0000007")
    assert (error.error_id, error.request_id) == ("oaeAAAAAAAAAAAAAAAAAAAAAA", request_id)


def test_a_message_is_short_escaped_and_without_secrets():
    token = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9"
    summary = f"Not found: {SECRET} {token}\r\n\x1b[2J{{}}" + " long" * 200

    text = str(of_api(refusal(404, "E0000007", summary)))

    assert len(text) <= 200
    assert text.isprintable()
    assert SECRET not in text
    assert token not in text
    assert text.startswith("E0000007: Not found: *** ***\\r\\n\\x1b[2J{}")


@pytest.mark.parametrize("member", ["error", "errorCode", "errorId"])
def test_a_secret_in_the_place_of_a_code_or_an_id_is_in_no_part_of_the_error(member):
    echoed = {"errorCode": "E0000011", member: f"x-{SECRET}", "error_description": "No."}

    for error in (of_api(reply(echoed, 401)), of_token(reply(echoed, 401))):
        assert SECRET not in f"{error!r} {vars(error)}"


def test_the_first_cause_is_told():
    body = {
        "errorCode": "E0000001",
        "errorSummary": "Api validation failed: feature",
        "errorCauses": [{"errorSummary": "Provisioning is not supported."}, {}],
    }

    assert str(of_api(reply(body, 400))) == (
        "E0000001: Api validation failed: feature (Provisioning is not supported.)"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"errorCode":7,"errorCauses":7,"errorId":{}}',
        b'{"error":["x"],"errorCauses":["y"]}',
        b'{"errorCode":"' + b"x" * 500 + b'"}',
        b'{"errorCode":"a\\r\\nb"}',
        b"\xff\xfe",
    ],
)
def test_a_malformed_error_body_is_still_an_error(body):
    for error in (of_api(reply(body, 400)), of_token(reply(body, 400))):
        assert type(error) is OktaRequestError
        assert (str(error), error.error_code, error.error_id) == ("400", "", "")


def test_every_error_has_its_own_code_and_says_whether_to_try_again():
    kinds = [OktaAuthError, OktaWrongApp, OktaDpopRequired, OktaScopeError, OktaForbidden]
    kinds += [OktaNetworkZone, OktaNotLicensed, OktaNotFound, OktaWrongHost, OktaRequestError]
    kinds += [OktaCursorError, EgressRefused]
    passing = [OktaRateLimited, OktaUnavailable, OktaProtocolError]

    assert not any(kind.retryable for kind in kinds)
    assert all(kind.retryable for kind in passing)
    assert len({kind.code for kind in kinds + passing}) == len(kinds + passing)
    assert all(issubclass(kind, OktaError) for kind in kinds + passing)


@pytest.mark.parametrize("word", ["must use ", "\x1b", "a" * 31 + " "])
def test_a_description_of_megabytes_is_read_in_no_time(word):
    endless = oauth(401, "invalid_client", word * (1_000_000 // len(word)))
    began = time.perf_counter()

    error = of_token(endless)

    assert time.perf_counter() - began < 0.5
    assert len(str(error)) <= 200
