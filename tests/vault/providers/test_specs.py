"""What a key file may say of a key that is not just bytes."""

import sys
from typing import Any

import pytest

from tenants.vault import hpke
from tenants.vault.errors import KeyringError
from tenants.vault.kinds import key_of, new_spec, ring_of
from tenants.vault.ringfile import ring_from_text
from tenants.vault.ringtext import RingText, random_text

PAIR = hpke.new_spec()
KMS = {"kind": "aws-kms", "arn": "arn:aws:kms:us-east-1:1:key/2", "region": "us-east-1"}
TRANSIT = {
    "kind": "vault-transit",
    "address": "https://vault.example:8200",
    "key": "hub",
    "token_file": "/run/secrets/vault_token",
}


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param({"kind": "canary-4711"}, id="no such kind"),
        pytest.param({}, id="no kind"),
        pytest.param({"kind": "hpke"}, id="hpke without halves"),
        pytest.param({"kind": "hpke", "public": "canary-4711"}, id="hpke not base64"),
        pytest.param({**PAIR, "public": random_text()}, id="hpke halves of two pairs"),
        pytest.param({**PAIR, "private": ""}, id="hpke empty half"),
        pytest.param({"kind": "hpke", "public": "A" * 43 + "="}, id="hpke half of no pair"),
        pytest.param({**PAIR, "canary": "canary-4711"}, id="hpke with more"),
        pytest.param({"kind": "aws-kms"}, id="kms without a key"),
        pytest.param({"kind": "aws-kms", "arn": "a", "secret": "canary-4711"}, id="kms with more"),
        pytest.param({**KMS, "endpoint": "http://kms.example"}, id="kms without TLS"),
        pytest.param({**KMS, "endpoint": "http://127.0.0.1@kms.example"}, id="kms that looks near"),
        pytest.param({**TRANSIT, "address": "http://vault.example:8200"}, id="vault without TLS"),
        pytest.param({**TRANSIT, "address": "https:///x"}, id="vault without a host"),
        pytest.param({**TRANSIT, "address": "https://vault.example:port"}, id="vault with no port"),
        pytest.param({**TRANSIT, "key": "../../sys/raw"}, id="vault with a path for a key"),
        pytest.param({**TRANSIT, "mount": "a/b?c"}, id="vault with a query for a mount"),
        pytest.param({**TRANSIT, "ca_file": "/nowhere/canary-4711"}, id="vault without its CA"),
        pytest.param({**TRANSIT, "token": "canary-4711"}, id="vault with a token"),
    ],
)
def test_unfit_ones_are_refused_in_a_sentence(spec: dict[str, str]) -> None:
    with pytest.raises(KeyringError) as refused:
        key_of(spec)

    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"primary":"a","keys":{"a":{"kind":1}}}', id="number for a kind"),
        pytest.param('{"primary":"a","keys":{"a":{"kind":{}}}}', id="object for a kind"),
        pytest.param('{"primary":"a","keys":{"a":null}}', id="nothing for a key"),
    ],
)
def test_what_is_no_ring_is_refused(text: str) -> None:
    with pytest.raises(KeyringError):
        ring_from_text(text)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"caches": "short"}, "caches"),
        ({"caches": "AAAA"}, "caches"),
        ({"retired": ("one",)}, "retired"),
        ({"retired": ("gone",)}, "retired"),
    ],
)
def test_unfit_settings_of_a_ring_are_refused(changes: dict[str, Any], told: str) -> None:
    text = RingText("one", {"one": random_text()}, **changes)

    with pytest.raises(KeyringError, match=told):
        ring_of(text)


def test_a_text_of_a_ring_comes_back_as_it_was_and_shows_no_key() -> None:
    text = RingText("one", {"one": random_text(), "two": PAIR}, random_text(), ("two",))

    assert RingText.parse(str(text)) == text
    assert repr(text) == "RingText(primary='one', retired=('two',))"


def test_boto3_is_needed_only_by_whom_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)

    with pytest.raises(KeyringError, match=r"pip install -r requirements/kms\.lock"):
        key_of({"kind": "aws-kms", "arn": "arn:aws:kms:us-east-1:1:key/2"})
    assert key_of(PAIR).opens


@pytest.mark.parametrize("kind", ["local", "hpke"])
def test_fresh_keys_differ(kind: str) -> None:
    assert new_spec(kind, {}) != new_spec(kind, {})
    with pytest.raises(KeyringError, match="needs no settings"):
        new_spec(kind, {"a": "b"})
