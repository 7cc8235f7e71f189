"""Names for apps: invented products, and the awkward ones that real orgs have too."""

from collections.abc import Iterator
from itertools import count

_FIRST_WORDS = """
    Amber Birch Cobalt Delta Ember Fjord Granite Harbor Indigo Juniper Kestrel Lumen Maple Nimbus
    Onyx Prairie Quartz Raven Saffron Timber Umber Velvet Willow Zephyr
"""
_SECOND_WORDS = """
    Ledger Desk Pulse Board Relay Payroll Atlas Notes Metrics Forms Archive Roster Studio Signals
    Travel Expenses Campus Wiki Tickets Planner Insights Helpline Storefront Console
"""

_FIRST, _SECOND = _FIRST_WORDS.split(), _SECOND_WORDS.split()

#: Accents, other scripts and directions, markup, quotes, and a leading no-break space, which Okta
#: has been seen to send. No character beyond the first plane: Okta does not support those.
AWKWARD = (
    "Göteborg Fraktportal",
    "<script>alert('label')</script>",
    "経費精算ポータル",
    "بوابة الموردين",
    'Fish & "Chips" <Beta>',
    "\u00a0Nóminas - Compañía",
    "Δοκιμή πρόσβασης",
)


def labels() -> Iterator[str]:
    """Labels without end and without repetition; every fourth is awkward until those run out."""
    awkward = iter(AWKWARD)
    for number in count():
        if number % 4 == 3 and (label := next(awkward, None)):
            yield label
        else:
            yield _product(number)


def _product(number: int) -> str:
    # The second word moves on by one each round of the first, so no pair comes twice in 576.
    series, place = divmod(number, len(_FIRST) * len(_SECOND))
    second = (place * 7 + place // len(_FIRST)) % len(_SECOND)
    name = f"{_FIRST[place % len(_FIRST)]} {_SECOND[second]}"
    return f"{name} {series + 1}" if series else name
