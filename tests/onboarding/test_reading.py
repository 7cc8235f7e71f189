"""Intervals are told in words."""

import pytest

from tenants.onboarding.reading import every


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (20, "every 20 seconds"),
        (60, "every minute"),
        (3600, "every hour"),
        (6 * 3600, "every 6 hours"),
        (24 * 3600, "every day"),
        (7 * 24 * 3600, "every 7 days"),
    ],
)
def test_an_interval_in_words(seconds, words):
    assert every(seconds) == words
