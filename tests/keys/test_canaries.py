"""A key is proven by what was sealed with it, and one damaged row proves nothing."""

from pathlib import Path

import pytest

from tenants.keys.canaries import KeysUnproven, canary_ensure, keys_prove
from tenants.keys.ring import keyring
from tenants.models import KeyCanary, SealedSecret
from tenants.vault import hpke
from tenants.vault.kinds import ring_of
from tenants.vault.ringtext import RingText, random_text
from tests.keys.conftest import Keep

pytestmark = pytest.mark.django_db


def test_keys_that_sealed_nothing_need_no_proof(key_file: Path) -> None:
    keys_prove(keyring())

    assert not KeyCanary.objects.exists()


def test_the_first_secret_leaves_a_canary_and_the_next_ones_leave_it_alone(keep: Keep) -> None:
    keep("first")
    before = KeyCanary.objects.get().sealed
    keep("second")

    assert KeyCanary.objects.get().sealed == before
    keys_prove(keyring())


def test_another_key_under_the_same_id_is_found(keep: Keep) -> None:
    keep("s")
    other = ring_of(RingText.around("old", random_text()))

    with pytest.raises(KeysUnproven, match="old: another key under the same id"):
        keys_prove(other)


def test_a_missing_key_is_named(keep: Keep) -> None:
    keep("s")
    other = ring_of(RingText.around("new", random_text()))

    with pytest.raises(KeysUnproven, match="old: missing"):
        keys_prove(other)


def test_a_key_that_holds_nothing_any_more_may_be_missing(keep: Keep) -> None:
    keep("s")
    SealedSecret.objects.all().delete()

    keys_prove(ring_of(RingText.around("new", random_text())))


@pytest.mark.parametrize("sealed", ["plain text", "okv1:old:AAAA", "okv1:gone:AAAA", "okv1"])
def test_a_damaged_value_stops_its_tenant_and_not_every_worker(keep: Keep, sealed: str) -> None:
    keep("s")
    SealedSecret.objects.update(sealed=sealed)

    keys_prove(keyring())


class TestHalves:
    """Whoever only seals is told by the database that somebody opens."""

    spec = hpke.new_spec()
    whole = ring_of(RingText.around("pair", spec))
    half = ring_of(RingText("pair", {"pair": spec}).public())

    def test_a_half_waits_until_the_whole_was_seen(self) -> None:
        with pytest.raises(KeysUnproven, match="No worker has opened anything"):
            keys_prove(self.half)
        keys_prove(self.whole)

        keys_prove(self.half)

    def test_the_half_of_another_pair_is_refused(self) -> None:
        keys_prove(self.whole)
        other = ring_of(RingText("pair", {"pair": hpke.new_spec()}).public())

        with pytest.raises(KeysUnproven):
            keys_prove(other)

    def test_a_half_cannot_vouch_for_itself(self) -> None:
        canary_ensure(self.half)

        with pytest.raises(KeysUnproven):
            keys_prove(self.half)
        keys_prove(self.whole)
        keys_prove(self.half)
