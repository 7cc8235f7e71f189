"""Words for states, moments and durations."""

from datetime import timedelta

import pytest
from django.template import engines
from django.utils import timezone

from tenants.choices import CredentialState, FindingState, RunState, TenantState
from tenants.templatetags.hub import LABELS, ago, distance, duration


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (7200, "2 h ago"),
        (86_400, "1 day ago"),
        (172_800, "2 days ago"),
        (-5, "in a moment"),
        (-90, "in 1 min"),
        (-200_000, "in 2 days"),
    ],
)
def test_distance(seconds: float, words: str):
    assert distance(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "—"),
        (0, "0.0 s"),
        (3.14159, "3.1 s"),
        (9.99, "10.0 s"),
        (59.7, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (90_000, "1 d 1 h"),
    ],
)
def test_duration(seconds: float | None, words: str):
    assert duration(seconds) == words


def test_a_moment_carries_its_exact_time():
    at = timezone.now() - timedelta(minutes=5)

    assert f'datetime="{at.isoformat(timespec="seconds")}"' in ago(at)
    assert "UTC" in ago(at)
    assert ">5 min ago<" in ago(at)


def test_no_moment_says_never():
    assert ago(None) == "never"


@pytest.mark.parametrize("state", [*TenantState, *RunState, *CredentialState, *FindingState])
def test_every_state_has_words_of_its_own(state: str):
    chip = engines["django"].from_string("{% chip state %}").render({"state": state})

    assert LABELS[state] in chip
    assert 'class="chip tone-' in chip


def test_a_chip_never_renders_markup_it_was_given():
    chip = engines["django"].from_string("{% chip state %}").render({"state": "<b>x</b>"})

    assert "<b>" not in chip


def test_what_was_expected_by_now_is_not_said_to_have_been():
    now = timezone.now()

    assert ">in 4 min<" in ago(now + timedelta(minutes=4, seconds=30), past="due")
    assert ">due<" in ago(now - timedelta(minutes=4), past="due")
    assert 'data-ago="due"' in ago(now, past="due")
