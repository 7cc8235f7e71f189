"""A key service that does not answer, or does not let us, says nothing about a sealed value."""

import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from oin_service.ports import LOOPBACK, free_port
from tenants.vault import aws_kms, transit
from tenants.vault.errors import SealError, SealUnavailable
from tenants.vault.framing import SEALED, framed
from tenants.vault.keys import WrappingKey
from tenants.vault.kinds import key_of
from tests.key_services import kms_spec, transit_spec
from tests.transit_double import TransitDouble, running_double

DEK = b"d" * 32
AAD = SEALED + framed("dek", "one", "tenant", "tenants.Credential.client_secret", "row")
ARN = "arn:aws:kms:us-east-1:123456789012:key/b4e3c8a2-0000-4000-8000-000000000001"

KeyAt = Callable[[str], WrappingKey]


@pytest.fixture(params=["aws-kms", "vault-transit"])
def key_at(request: pytest.FixtureRequest, aws_account: None, token_file: Path) -> KeyAt:
    """A key whose service is at a URL."""

    def _key_at(url: str) -> WrappingKey:
        if request.param == "aws-kms":
            return key_of(kms_spec(url, ARN))
        return key_of(transit_spec(url, "one", token_file))

    return _key_at


def ways_to_ask(key: WrappingKey) -> list[Callable[[], bytes]]:
    return [lambda: key.wrap(DEK, AAD), lambda: key.unwrap(b"vault:v1:AAAA", AAD)]


def assert_unavailable(key: WrappingKey) -> None:
    for ask in ways_to_ask(key):
        with pytest.raises(SealUnavailable) as refused:
            ask()
        assert refused.value.__cause__ is None
        assert refused.value.retryable


def test_nobody_listens(key_at: KeyAt) -> None:
    assert_unavailable(key_at(f"http://{LOOPBACK}:{free_port()}"))


@contextmanager
def silent_listener() -> Iterator[str]:
    """Takes connections and never says a word."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"


def test_nobody_answers(key_at: KeyAt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transit, "PATIENCE_S", 0.2)
    monkeypatch.setattr(aws_kms, "READ_S", 0.2)
    began = time.monotonic()

    with silent_listener() as url:
        assert_unavailable(key_at(url))

    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(403, b'{"errors": ["permission denied"]}', id="not allowed"),
        pytest.param(404, b'{"errors": ["no handler for route"]}', id="not there"),
        pytest.param(400, b'{"errors": ["encryption key not found"]}', id="no such key"),
        pytest.param(429, b'{"errors": ["request path is rate limited"]}', id="too busy"),
        pytest.param(500, b'{"errors": ["internal error"]}', id="broken"),
        pytest.param(503, b'{"errors": ["Vault is sealed"]}', id="sealed"),
        pytest.param(307, b"", id="elsewhere"),
        pytest.param(200, b"{", id="half an answer"),
        pytest.param(200, b"[]", id="no object"),
        pytest.param(200, b'{"data": {"ciphertext": 1, "plaintext": null}}', id="no text"),
        pytest.param(200, b'{"data": {"ciphertext": null, "plaintext": "?"}}', id="no base64"),
        pytest.param(200, b'{"data": {"ciphertext": "", "plaintext": ""}}', id="nothing"),
        pytest.param(200, b'{"data": {"ciphertext": "AAAA", "plaintext": "AAAA"}}', id="no key"),
        pytest.param(200, b"[" * 50_000, id="nested too deep"),
    ],
)
def test_vault_answers_otherwise(
    transit: TransitDouble, token_file: Path, status: int, body: bytes
) -> None:
    transit.answers = (status, body)

    assert_unavailable(key_of(transit_spec(transit.url, "one", token_file)))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(500, b"<html>", id="broken"),
        pytest.param(502, b"null", id="broken, without a word"),
        pytest.param(307, b"", id="elsewhere"),
        pytest.param(400, b"[]", id="a refusal that is no object"),
        pytest.param(200, b"<html>", id="a page of somebody else"),
        pytest.param(200, b"\xff", id="no text"),
        pytest.param(200, b"[]", id="no object"),
        pytest.param(200, b"[" * 50_000, id="nested too deep"),
        pytest.param(200, b"{}", id="nothing"),
        pytest.param(200, b'{"CiphertextBlob": 1, "Plaintext": 1}', id="numbers"),
        pytest.param(200, b'{"CiphertextBlob": "?", "Plaintext": "?"}', id="no base64"),
        pytest.param(200, b'{"CiphertextBlob": "", "Plaintext": ""}', id="no bytes"),
        pytest.param(200, b'{"CiphertextBlob": "", "Plaintext": "AAAA"}', id="no key"),
    ],
)
def test_kms_answers_otherwise(aws_account: None, status: int, body: bytes) -> None:
    with running_double() as service:
        service.answers = (status, body)

        assert_unavailable(key_of(kms_spec(service.url, ARN)))


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("InvalidCiphertextException", SealError),
        ("IncorrectKeyException", SealError),
        ("AccessDeniedException", SealUnavailable),
        ("DisabledException", SealUnavailable),
        ("KMSInvalidStateException", SealUnavailable),
        ("KeyUnavailableException", SealUnavailable),
        ("LimitExceededException", SealUnavailable),
        ("NotFoundException", SealUnavailable),
        ("ThrottlingException", SealUnavailable),
        ("ExpiredTokenException", SealUnavailable),
    ],
)
def test_what_kms_answers_tells_broken_from_unavailable(
    aws_account: None, code: str, meaning: type[Exception]
) -> None:
    with running_double() as service:
        service.answers = (400, json.dumps({"__type": code, "message": "no"}).encode())
        key = key_of(kms_spec(service.url, ARN))

        with pytest.raises(meaning):
            key.unwrap(b"w" * 100, AAD)


def test_a_lost_token_of_vaults_is_no_broken_secret(
    transit: TransitDouble, token_file: Path
) -> None:
    key = key_of(transit_spec(transit.url, "one", token_file))
    wrapped = key.wrap(DEK, AAD)
    kept = token_file.read_text()
    for spoil in (lambda: token_file.write_text("other"), token_file.unlink):
        spoil()
        with pytest.raises(SealUnavailable):
            key.unwrap(wrapped, AAD)

    token_file.write_text(kept)  # as Vault's agent does

    assert key.unwrap(wrapped, AAD) == DEK


def test_data_keys_do_not_get_into_the_log(key_at: KeyAt, caplog: pytest.LogCaptureFixture) -> None:
    """boto3 writes down at DEBUG what it sends; our settings keep it from that."""
    caplog.set_level(logging.DEBUG)

    assert_unavailable(key_at(f"http://{LOOPBACK}:{free_port()}"))

    assert "ZGRkZGRkZGRk" not in caplog.text
    assert "dddddddd" not in caplog.text
