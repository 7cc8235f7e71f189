"""What every kind of key keeps, wherever it lives."""

import copy
import pickle

import pytest

from tenants.vault.envelope import key_id_of, rewrap, seal, unseal
from tenants.vault.errors import SealError, VaultError
from tenants.vault.framing import SEALED, framed
from tenants.vault.keyring import Keyring, LocalKeyring
from tenants.vault.keys import LocalKey
from tenants.vault.secret import Secret
from tests.vault.conftest import Place

pytestmark = pytest.mark.parametrize("kind", ["local", "hpke", "aws-kms", "vault-transit"])

DEK = b"d" * 32


def aad(row: str = "row-1", tenant: str = "tenant-1") -> bytes:
    return SEALED + framed("dek", "one", tenant, "tenants.Credential.client_secret", row)


def test_a_data_key_comes_back(ring: Keyring) -> None:
    wrapped = ring.wrap(DEK, "one", aad())

    assert ring.unwrap(wrapped, "one", aad()) == DEK
    assert DEK not in wrapped


def test_wrapping_twice_gives_two_texts(ring: Keyring) -> None:
    assert ring.wrap(DEK, "one", aad()) != ring.wrap(DEK, "one", aad())


@pytest.mark.parametrize("other", [aad(row="row-2"), aad(tenant="tenant-2")], ids=["row", "tenant"])
def test_it_opens_in_its_own_place_only(ring: Keyring, other: bytes) -> None:
    wrapped = ring.wrap(DEK, "one", aad())

    with pytest.raises(SealError, match="authentication failed"):
        ring.unwrap(wrapped, "one", other)


def test_it_opens_with_its_own_key_only(ring: Keyring) -> None:
    wrapped = ring.wrap(DEK, "one", aad())

    # Not SealError alone: moto says "access denied" where AWS says that it is the wrong key.
    with pytest.raises(VaultError):
        ring.unwrap(wrapped, "two", aad())


def test_a_key_that_is_not_in_the_ring_is_unknown(ring: Keyring) -> None:
    with pytest.raises(SealError, match="unknown key id"):
        ring.wrap(DEK, "three", aad())
    with pytest.raises(SealError, match="unknown key id"):
        ring.unwrap(b"whatever", "three", aad())


def _spoiled(wrapped: bytes) -> list[bytes]:
    last = bytes([wrapped[-1] ^ 1])
    return [b"", wrapped[:1], wrapped[: len(wrapped) // 2], wrapped[:-1], wrapped[:-1] + last]


@pytest.mark.parametrize("which", range(5))
def test_a_damaged_blob_is_broken_and_not_unavailable(ring: Keyring, which: int) -> None:
    spoiled = _spoiled(ring.wrap(DEK, "one", aad()))[which]

    with pytest.raises(SealError):
        ring.unwrap(spoiled, "one", aad())


def test_secrets_are_sealed_and_opened_with_it(ring: Keyring, place: Place) -> None:
    sealed = seal(ring, "s", **place)

    assert key_id_of(sealed) == "one"
    assert unseal(ring, sealed, **place) == Secret("s")


def test_secrets_move_to_it_from_a_local_key_and_back(
    ring: Keyring, specs: object, place: Place
) -> None:
    local = LocalKeyring("here", {"here": b"h" * 32})
    both = {"here": LocalKey(b"h" * 32), "one": ring._key("one")}

    there = rewrap(Keyring("one", both), seal(local, "s", **place), **place)
    back = rewrap(Keyring("here", both), there, **place)

    assert unseal(ring, there, **place) == Secret("s")
    assert unseal(local, back, **place) == Secret("s")


def test_a_ring_shows_ids_only_and_is_not_carried_off(ring: Keyring) -> None:
    assert repr(ring) == "Keyring(primary='one', key_ids=['one', 'two'])"
    for carry_off in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            carry_off(ring)


def test_other_keys_are_derived_whatever_the_primary_is(ring: Keyring) -> None:
    assert len(ring.derive("token-cache")) == 32
