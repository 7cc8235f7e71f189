import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.vault.framing import framed

LISTS = st.lists(st.text(max_size=5), max_size=5)


@given(one=LISTS, other=LISTS)
def test_different_lists_give_different_bytes(one, other):
    assert (framed(*one) == framed(*other)) == (one == other)


def test_a_boundary_cannot_be_moved():
    assert framed("ab", "c") != framed("a", "bc")


def test_a_part_too_long_for_its_length_field_is_refused():
    with pytest.raises(OverflowError):
        framed("x" * 65_536)
