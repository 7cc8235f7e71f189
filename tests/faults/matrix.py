"""The fault matrix: everything that may go wrong, what has to hold, and what shows it.

A fault is played as rows (`tests.faults.rows`) with real processes, or shown by tests of ``make
test`` that ``make faults`` runs too, or both. ``python -m tests.faults.matrix`` prints the table of
``docs/guides/faults.md``.
"""

import sys
from dataclasses import dataclass

_FAULTS = "tests/okta/test_faults.py::test_"
_PAGING = "tests/okta/test_paging.py::test_"
_EGRESS = "tests/okta/test_egress.py::test_"
_ANSWERS = "tests/okta/test_answers.py::test_"
_LIMITS = "tests/okta/test_limits.py::test_"
_CLOCKS = "tests/runs/test_clocks.py::test_"
_BREAKERS = "tests/runs/test_breakers.py::test_"
_CRASHES = "tests/actions/test_crashes.py::test_"
_ROTATIONS = "tests/connections/rotation/test_self_rotation.py::test_"
_SYNC = "tests/inventory/test_sync.py::test_"


@dataclass(frozen=True)
class Fault:
    """``tests`` are node ids; their line is called ``name``."""

    name: str
    fault: str
    holds: str
    rows: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


MATRIX = (
    Fault(
        "worker-dies",
        "A worker is killed in the middle of a page",
        "Another takes over in 10 s and repeats that page alone.",
        rows=("worker-killed-in-a-page",),
    ),
    Fault(
        "all-workers-die",
        "All workers are killed",
        "New ones go on with all runs in 10 s; nothing is lost or doubled.",
        rows=("all-workers-killed",),
    ),
    Fault(
        "beat-or-web-dies",
        "Beat or the web process is killed",
        "What was asked for starts at the next tick. A request happened whole or not at all.",
        rows=("beat-killed", "web-killed-in-requests"),
    ),
    Fault(
        "worker-freezes",
        "A worker stands still for longer than its lease",
        "Another finishes its run; the one that wakes up writes nothing.",
        rows=("worker-frozen-past-its-lease",),
    ),
    Fault(
        "poison",
        "A run kills its process each time",
        "It is given up after five attempts; others are not harmed.",
        rows=("poison-run",),
    ),
    Fault(
        "redis-forgets",
        "Redis forgets everything",
        "All runs are done; nobody is signed out.",
        rows=("redis-flushed",),
    ),
    Fault(
        "redis-goes-away",
        "Redis is killed, frozen or restarted again and again",
        "Pages answer as before; within 30 s of its return all work is done.",
        rows=("redis-killed", "redis-frozen", "redis-flapping"),
    ),
    Fault(
        "redis-takes-no-writes",
        "Redis is full, or a replica that takes no writes",
        "Runs wait in the database, and no process ends.",
        rows=("redis-full", "redis-read-only"),
    ),
    Fault(
        "redis-evicts",
        "Redis loses locks, tokens and budgets at random",
        "A few more tokens are asked for, and nothing is done twice.",
        rows=("redis-evicts",),
    ),
    Fault(
        "database-goes-away",
        "The database crashes, is locked, or ends our connections",
        "Answers are 503 in 2 s and take nothing in; afterwards everything goes on.",
        rows=("database-away", "connections-ended"),
    ),
    Fault(
        "commit-in-doubt",
        "The connection is cut while a transaction is committed",
        "Whether it was or was not, no item is lost or stored twice.",
        rows=("commits-cut",),
    ),
    Fault(
        "database-takes-no-writes",
        "The database's disk is full, or it takes no writes",
        "Sending answers 503 and keeps nothing; afterwards everything goes on.",
        rows=("database-full", "database-read-only"),
    ),
    Fault(
        "limits-of-okta",
        "Okta answers 429, with headers that are right, missing, garbage, past or far ahead",
        "Runs wait for as long as told, between 1 s and 2 minutes, and none fails.",
        rows=("okta-says-too-many",),
        tests=(
            f"{_LIMITS}the_wait_counts_from_oktas_own_clock",
            f"{_LIMITS}a_wait_is_never_under_a_second_nor_over_two_minutes",
            f"{_LIMITS}without_usable_headers_the_wait_is_half_a_minute",
            f"{_LIMITS}too_many_at_once_waits_only_seconds",
            f"{_BREAKERS}only_an_org_that_does_not_answer_counts",
        ),
    ),
    Fault(
        "okta-breaks",
        "Okta answers 5xx, also after a write took effect",
        "Reads are tried again. A write in doubt is told apart and never sent twice unasked.",
        rows=("okta-breaks-now-and-then",),
        tests=(
            f"{_FAULTS}a_write_whose_answer_is_spoilt_is_ambiguous_and_made_at_most_once",
            f"{_FAULTS}a_write_that_was_made_before_the_answer_was_lost_is_not_made_again",
            f"{_FAULTS}a_write_that_was_refused_is_not_ambiguous_and_was_not_made",
        ),
    ),
    Fault(
        "changes",
        "A worker dies, or an answer gets lost, while an org is being changed",
        "What was made is found, and made once.",
        rows=("worker-killed-in-a-change", "answer-to-a-change-is-lost"),
        tests=(
            f"{_CRASHES}a_worker_that_dies_at_the_sending_leaves_one_effect",
            f"{_CRASHES}a_worker_that_dies_before_the_outcome_is_committed_leaves_one_effect",
            f"{_CRASHES}a_worker_frozen_before_the_sending_sends_nothing_after_its_lease",
            f"{_CRASHES}three_sendings_without_an_answer_are_for_a_human",
        ),
    ),
    Fault(
        "rotations",
        "A worker dies while it replaces a client secret",
        "The secret in use works in Okta all the time; in the end it is the only one.",
        rows=("worker-killed-in-a-rotation",),
        tests=(
            f"{_ROTATIONS}wherever_a_worker_dies_the_next_one_brings_it_to_its_end",
            f"{_ROTATIONS}a_secret_that_somebody_made_meanwhile_is_not_touched",
        ),
    ),
    Fault(
        "okta-unreachable",
        "The connection is refused, the name does not resolve or hangs",
        "The run waits and goes on; the org's breaker opens and costs nothing while it is open.",
        tests=(
            f"{_EGRESS}a_refused_connection_is_unavailable",
            f"{_EGRESS}a_name_that_does_not_resolve_is_unavailable",
            f"{_EGRESS}a_lookup_that_hangs_ends_with_the_time_to_connect",
            "tests/inventory/test_unreachable.py::"
            "test_an_org_that_went_away_costs_nothing_and_its_run_goes_on_when_it_is_back",
            f"{_BREAKERS}the_fifth_leaves_the_org_alone_for_about_a_minute",
            f"{_BREAKERS}when_many_orgs_fail_at_once_it_is_us_and_nobody_is_shut_off",
        ),
    ),
    Fault(
        "answers-spoilt",
        "Answers drip, hang, end early, are huge, unfold without end or are garbage",
        "A typed error by the deadline, within 20 MB.",
        tests=(
            f"{_FAULTS}a_read_ends_in_time_in_bounds_and_with_a_typed_error",
            f"{_FAULTS}a_walk_survives_a_page_that_is_spoilt_twice_and_shows_each_app_once",
            f"{_FAULTS}a_token_request_ends_in_time_and_with_a_typed_error",
        ),
    ),
    Fault(
        "answers-odd",
        "Sign-in pages, wrong types, empty, null, repeated keys, deep nesting, NaN, a byte order "
        "mark",
        "What is harmless is understood, all else is a typed error without the body.",
        tests=(
            f"{_FAULTS}what_is_only_odd_is_understood",
            f"{_ANSWERS}json_is_read_as_okta_sends_it",
            f"{_ANSWERS}what_is_no_storable_json_is_refused",
            f"{_ANSWERS}the_error_does_not_carry_the_body",
            f"{_ANSWERS}a_repeated_key_is_refused_where_it_decides",
        ),
    ),
    Fault(
        "redirects",
        "Any answer redirects, also to hosts inside",
        "No second request is sent.",
        tests=(
            f"{_EGRESS}a_redirect_is_handed_back_and_not_followed",
            f"{_EGRESS}one_address_that_is_not_public_spoils_them_all",
        ),
    ),
    Fault(
        "links-astray",
        "Next links to other hosts, to the same page, without end, or missing",
        "The walk ends with an error and is not taken for a complete list.",
        tests=(
            f"{_PAGING}a_link_to_elsewhere_ends_the_walk_with_an_error_not_as_a_complete_list",
            f"{_PAGING}a_cursor_that_does_not_move_is_a_protocol_error",
            f"{_PAGING}a_cursor_back_to_the_start_is_a_protocol_error",
            f"{_PAGING}a_list_without_end_is_given_up",
            f"{_PAGING}a_list_ends_where_no_link_stays_in_it",
            f"{_PAGING}what_the_link_lost_of_ours_is_added_again",
        ),
    ),
    Fault(
        "data-moves",
        "Objects come and go while pages are read",
        "Each is stored once; only a complete listing removes anything.",
        tests=(
            f"{_PAGING}an_item_that_moved_to_the_next_page_is_seen_once",
            f"{_PAGING}a_cursor_refused_on_the_way_starts_the_walk_over_and_tells_nothing_twice",
            f"{_SYNC}changed_removed_and_revived_apps_leave_a_record",
            f"{_SYNC}a_refused_kind_fails_alone_and_removes_nothing",
            f"{_SYNC}a_sudden_shrink_waits_for_a_human",
        ),
    ),
    Fault(
        "token-ends",
        "A token ends or is revoked in the middle of a run",
        "One new one, and the run goes on.",
        rows=("token-revoked-in-a-run",),
        tests=(
            "tests/broker/test_tokens.py::test_a_token_is_replaced_well_before_it_expires",
            "tests/okta/test_client.py::"
            "test_a_refused_token_is_replaced_once_and_the_call_repeated",
        ),
    ),
    Fault(
        "secret-revoked",
        "The client secret is revoked in the middle of a run",
        "The tenant needs attention after one refusal; with a new secret all is read.",
        rows=("secret-revoked-in-a-run",),
    ),
    Fault(
        "scope-removed",
        "A scope is taken back",
        "The run says which one; nothing is removed.",
        rows=("scope-removed-in-a-run",),
    ),
    Fault(
        "clock-off",
        "A worker's clock is ten minutes ahead or behind",
        "One token lasts, waits are as long as told, leases and due times hold.",
        rows=("clocks-ten-minutes-off",),
    ),
    Fault(
        "clock-jumps",
        "Summer time, and clocks that step back or ahead",
        "No slot is run twice, nobody starves.",
        tests=(
            f"{_CLOCKS}a_clock_set_back_by_hours_doubles_no_slot_and_starves_nobody",
            f"{_CLOCKS}a_clock_that_was_a_year_ahead_costs_one_interval",
            f"{_CLOCKS}a_clock_that_jumps_ahead_makes_up_for_one_slot",
            f"{_CLOCKS}summer_time_changes_no_slot",
        ),
    ),
    Fault(
        "doorbells-repeated",
        "Every message comes ten times, in any order",
        "Each page is read once.",
        rows=("doorbells-ten-times",),
    ),
    Fault(
        "doorbells-forged",
        "Messages from nobody, of no sense, in no format",
        "They are dropped and the worker goes on.",
        rows=("doorbells-forged",),
    ),
    Fault(
        "many-beats",
        "Several beats at once",
        "One run for each slot.",
        rows=("three-beats",),
        tests=(f"{_CLOCKS}of_five_ticks_at_once_each_slot_gets_one_run",),
    ),
    Fault(
        "beat-away",
        "Beat is away for six hours",
        "One run for each job, and the next slots are spread as before.",
        rows=("beat-away-for-six-hours",),
    ),
    Fault(
        "many-due",
        "Thousands of tenants are due at once",
        "Redis holds few doorbells, memory stays flat, and a person is served at once.",
        rows=("thousands-due",),
    ),
    Fault(
        "cold-token",
        "Many callers want a token that nobody has",
        "One request is made.",
        tests=(
            "tests/broker/test_single_flight.py::test_fifty_threads_make_one_request",
            "tests/broker/test_single_flight.py::"
            "test_fifty_callers_in_five_processes_make_one_request",
        ),
    ),
    Fault(
        "deploy",
        "A new version is rolled out while runs are under way",
        "Workers end in 30 s; what only the new version knows waits for it and harms nobody.",
        rows=("sigterm-drains", "versions-side-by-side"),
    ),
    Fault(
        "deploys-without-end",
        "Workers are told to end every few seconds",
        "Runs make progress all the same, and no page is read twice.",
        rows=("sigterm-storm",),
    ),
    Fault(
        "bad-tenants",
        "Tenants that hang, are huge, answer garbage or nothing but errors",
        "Others take less than twice as long as without them.",
        rows=("bad-tenants-beside",),
    ),
    Fault(
        "keys-gone",
        "The key file is gone or another one, at the start or later",
        "No process works with keys that are not the right ones; when they are back, work goes on.",
        rows=("keys-gone", "keys-of-another"),
    ),
    Fault(
        "backup-restored",
        "The database is as it was before, from a backup",
        "Runs of then go on; a secret replaced since is refused once, without a loop.",
        rows=("backup-restored",),
    ),
    Fault(
        "long-reader",
        "A long reader beside many writers",
        "Nobody is told that the database is locked.",
        rows=("long-reader",),
    ),
    Fault(
        "log-full",
        "The log's disk is full, or whoever reads the log is gone",
        "All processes live on and work.",
        rows=("log-full", "log-reader-gone"),
    ),
    Fault(
        "mail-away",
        "The mail server is away",
        "Mails wait, and each is sent once when it is back.",
        rows=("mail-away",),
    ),
    Fault(
        "anything",
        "Forty processes are killed, frozen and ended by chance, while twenty tenants are worked "
        "for",
        "Every item is there once. By the orgs' own record no change is missing or made twice.",
        rows=("soak",),
    ),
)


def table() -> str:
    lines = ["| fault | what holds | shown by |", "|---|---|---|"]
    lines += [f"| {each.fault} | {each.holds} | {_shown_by(each)} |" for each in MATRIX]
    return "\n".join(lines) + "\n"


def _shown_by(fault: Fault) -> str:
    names = [*fault.rows, *([fault.name] if fault.tests else [])]
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))


if __name__ == "__main__":
    sys.stdout.write(table())
