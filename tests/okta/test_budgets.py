from hypothesis import given, settings

from tenants.okta.budgets import Ledger, LocalBudget
from tests.okta.metered import LIMITS, STEPS, Clock, Traffic


@settings(max_examples=3000, deadline=None)
@given(limit=LIMITS, steps=STEPS)
def test_no_window_of_okta_sees_more_of_us_than_our_share(limit, steps):
    clock, ledger = Clock(), Ledger()

    traffic = Traffic(
        clock, limit, lambda who: LocalBudget(interactive=who, clock=clock, ledger=ledger)
    )

    traffic.play(steps)
