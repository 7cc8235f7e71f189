"""From words to a call: every operation of the catalogue can be asked for, and nothing else."""

import pytest

from tenants.calls.errors import CallRefused
from tenants.calls.wanted import call_build, operation_find
from tenants.okta import bodies
from tenants.okta.operations import OPERATIONS, Operation
from tenants.okta.operations.media import CERTIFICATE, FORM, MULTIPART
from tenants.sandbox.certificates import issue_certificate

PICTURE = b"GIF89a" + bytes(20)


def body_for(operation: Operation) -> bytes | None:
    if operation.body == CERTIFICATE:
        return issue_certificate("acme", lambda: 1_700_000_000.0, years=1)
    samples = {(): None, MULTIPART: PICTURE, FORM: b'{"token": "abc"}'}
    return samples.get(operation.body, b'{"name": "x"}')


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_can_be_asked_for(name: str) -> None:
    operation = operation_find(name.upper())

    call = call_build(
        operation,
        path=[(parameter, "-_0oa1") for parameter in operation.parameters],
        query=[(parameter, "2") for parameter in operation.required],
        body=body_for(operation),
        reveal=operation.creates_secret,
    )

    assert operation is OPERATIONS[name]
    assert call.target.count("-_0oa1") == len(operation.parameters)
    assert call.as_client == (not operation.scope)
    assert bool(call.body or call.form) == bool(operation.body)
    assert call.told_query() == dict.fromkeys(operation.required, "2")


@pytest.mark.parametrize("operation", [o for o in OPERATIONS.values() if o.old_name])
def test_an_old_name_is_as_good_as_the_new_one(operation: Operation) -> None:
    assert operation_find(operation.old_name.lower()) is operation


def test_a_one_time_code_is_not_told() -> None:
    call = call_build(
        operation_find("verifyProvisioningConnectionForApplication"),
        path=[("appName", "office365"), ("appId", "0oa1")],
        query=[("code", "canary-code"), ("state", "s")],
    )

    assert "canary" not in str(call.told_query()) + call.target


def test_a_call_does_not_show_what_it_sends() -> None:
    form = call_build(operation_find("introspect"), body=b'{"token": "canary"}')
    body = call_build(operation_find("createApplication"), body=b'{"password": "canary"}')

    assert "canary" not in f"{form!r} {body!r}"


def test_json_goes_out_as_it_stood_in_the_file() -> None:
    call = call_build(operation_find("createApplication"), body=b'\xef\xbb\xbf{"n": 1.10}')

    assert call.body == bodies.Content(bodies.JSON, b'{"n": 1.10}')


def test_a_body_beyond_all_bounds_is_refused() -> None:
    with pytest.raises(CallRefused, match="more than 5000000 bytes"):
        call_build(operation_find("createApplication"), body=bytes(5_000_001))


@pytest.mark.parametrize("body", [b"-----BEGIN CERTIFICATE-----\nx", b"", b"\x30\x82"])
@pytest.mark.parametrize("file_name", ["signed.cer", "signed.pem"])
def test_what_is_no_certificate_is_refused(body: bytes, file_name: str) -> None:
    operation = operation_find("publishCsrFromApplication")
    path = [("appId", "1"), ("csrId", "2")]

    with pytest.raises(CallRefused, match="not one readable"):
        call_build(operation, path=path, body=body, file_name=file_name)
