from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.vault import envelope, keys
from tenants.vault.envelope import MAX_CHARS, key_id_of, seal, unseal
from tenants.vault.errors import SealError
from tenants.vault.keyring import LocalKeyring
from tenants.vault.secret import Secret

BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
KNOWN_PLAINTEXT = "DRUFXGF9XbLnS9k-Sla3x3POBiIxDreBCdZuFs5B"
KNOWN_SEALED = (
    "okv1:local-2026a:ADwzMzMzMzMzMzMzMzNUAZH7cLEI9DRQFfimcWqjADDHCXPhudVnMTLJlQiqLcR3tCNnUpw072si"
    "KmSgmq0iIiIiIiIiIiIiIiJTpVIPmIjZZr1dklIbn4L4TP-s0RKy_AQQJkOQTZMAQQYb8XcV28ycSaknY7aLg5hdx246b7"
    "iXUg"
)


@pytest.fixture
def known_ring() -> LocalKeyring:
    return LocalKeyring("local-2026a", {"local-2026a": bytes(range(32))})


def test_sealing_gives_the_known_answer(known_ring, place, monkeypatch):
    data_key_then_nonce = {32: b"\x11" * 32, 12: b"\x22" * 12}
    monkeypatch.setattr(envelope, "urandom", data_key_then_nonce.__getitem__)
    monkeypatch.setattr(keys, "urandom", lambda length: b"\x33" * length)

    sealed = seal(known_ring, KNOWN_PLAINTEXT, **place)

    assert sealed == KNOWN_SEALED


def test_the_known_answer_opens(known_ring, place):
    assert unseal(known_ring, KNOWN_SEALED, **place) == Secret(KNOWN_PLAINTEXT)


@given(text=st.text())
def test_any_unicode_text_comes_back_as_it_was(text):
    ring = LocalKeyring("a", {"a": bytes(32)})
    place = {"tenant": uuid4(), "field": "f", "row": uuid4()}

    assert unseal(ring, seal(ring, Secret(text), **place), **place) == Secret(text)


def test_sealing_twice_gives_two_texts(ring, place):
    assert seal(ring, "s", **place) != seal(ring, "s", **place)


def test_a_sealed_text_names_the_primary_key(ring, place):
    assert key_id_of(seal(ring, "s", **place)) == "new"


def test_a_value_under_an_older_key_still_opens(ring, place):
    sealed = seal(LocalKeyring("old", {"old": b"o" * 32}), "s", **place)

    assert unseal(ring, sealed, **place) == Secret("s")


def test_every_change_of_one_character_is_refused(known_ring, place):
    alphabet = BASE64URL + ":=+/ \n"

    for at, original in enumerate(KNOWN_SEALED):
        for other in set(alphabet) - {original}:
            mutated = KNOWN_SEALED[:at] + other + KNOWN_SEALED[at + 1 :]
            with pytest.raises(SealError):
                unseal(known_ring, mutated, **place)


def test_every_truncation_is_refused(known_ring, place):
    for length in range(len(KNOWN_SEALED)):
        with pytest.raises(SealError):
            unseal(known_ring, KNOWN_SEALED[:length], **place)
        with pytest.raises(SealError):
            unseal(known_ring, KNOWN_SEALED[length + 1 :], **place)


@pytest.mark.parametrize("part", ["tenant", "row", "field"])
def test_a_value_moved_elsewhere_does_not_open(ring, place, part):
    sealed = seal(ring, "s", **place)
    elsewhere = {**place, part: "connections.Connection.other" if part == "field" else uuid4()}

    with pytest.raises(SealError) as refused:
        unseal(ring, sealed, **elsewhere)

    assert refused.value.reason == "authentication failed"


def test_tenant_and_row_are_not_interchangeable(ring, place):
    sealed = seal(ring, "s", **place)

    with pytest.raises(SealError):
        unseal(ring, sealed, tenant=place["row"], field=place["field"], row=place["tenant"])


def test_a_data_key_under_another_secret_does_not_open_it(ring, place):
    """Both halves are genuine and of one place; only their pairing is forged."""
    first = envelope._taken_apart(seal(ring, "first", **place))
    second = envelope._taken_apart(seal(ring, "second", **place))
    body = b"\x00\x3c" + first.wrapped + second.nonce + second.ciphertext

    with pytest.raises(SealError):
        unseal(ring, "okv1:new:" + envelope._base64(body), **place)


def test_only_the_named_key_is_tried(ring, place):
    renamed = seal(ring, "s", **place).replace("okv1:new:", "okv1:old:")

    with pytest.raises(SealError) as refused:
        unseal(ring, renamed, **place)

    assert refused.value.reason == "authentication failed"


def test_an_unknown_key_id_is_named_as_the_reason(place, ring):
    sealed = seal(LocalKeyring("lost", {"lost": b"l" * 32}), "s", **place)

    with pytest.raises(SealError) as refused:
        unseal(ring, sealed, **place)

    assert refused.value.reason == "unknown key id"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("s3cret", id="plain text"),
        pytest.param("enc:plaintext:s3cret", id="another scheme"),
        pytest.param(KNOWN_SEALED.replace("okv1", "okv0"), id="older version"),
        pytest.param(KNOWN_SEALED.replace("okv1", "okv2"), id="newer version"),
        pytest.param(KNOWN_SEALED.replace("local", "Local"), id="upper-case key id"),
        pytest.param(KNOWN_SEALED.replace("local-2026a", "k" * 33), id="long key id"),
        pytest.param(KNOWN_SEALED + "=", id="padding"),
        pytest.param(KNOWN_SEALED + "\n", id="line end"),
        pytest.param(KNOWN_SEALED[:-1] + "h", id="spare bits"),
        pytest.param("okv1:new:AA", id="no room for a length"),
        pytest.param("okv1:new:" + "_" * 400, id="length beyond the end"),
        pytest.param("okv1:new:" + "A" * MAX_CHARS, id="over 64 kB"),
        pytest.param("okv1:néw:AAAA", id="non-ASCII"),
    ],
)
def test_what_is_not_a_sealed_text_is_malformed(known_ring, place, text):
    with pytest.raises(SealError) as refused:
        unseal(known_ring, text, **place)

    assert refused.value.reason == "malformed"


def test_a_data_key_of_the_wrong_size_is_malformed(ring, place, monkeypatch):
    sealed = seal(ring, "s", **place)
    monkeypatch.setattr(LocalKeyring, "unwrap", lambda *_: b"short")

    with pytest.raises(SealError) as refused:
        unseal(ring, sealed, **place)

    assert refused.value.reason == "malformed"


def test_what_could_not_be_read_back_is_not_sealed(ring, place):
    with pytest.raises(ValueError, match="too long"):
        seal(ring, "x" * MAX_CHARS, **place)


def test_a_refusal_to_seal_says_nothing_of_the_text(ring, place):
    with pytest.raises(ValueError, match="only Unicode text") as refused:
        seal(ring, "canary-4711\ud800", **place)

    assert "canary" not in f"{refused.value!r} {refused.value.__context__!r}"


def test_a_refusal_to_open_has_no_cause_to_print(known_ring, place):
    with pytest.raises(SealError) as refused:
        unseal(known_ring, KNOWN_SEALED, **{**place, "tenant": UUID(int=0)})

    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert str(refused.value) == "authentication failed"
    assert not refused.value.retryable
