"""Faults that send something other than one whole answer."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from tenants.sandbox.faults import (
    Close,
    Delay,
    Drip,
    Garbage,
    HugeBody,
    Reset,
    Silence,
    Truncate,
    WrongLength,
)
from tenants.sandbox.faults.deliveries import Part
from tenants.sandbox.org import Org
from tenants.sandbox.server import Sandbox
from tests.sandbox.caller import Caller
from tests.sandbox.raw import Raw

WELL_KNOWN = "/.well-known/okta-organization"

Open = Callable[[], Raw]


@pytest.fixture
def open_raw(sandbox: Sandbox, org: Org) -> Iterator[Open]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(Raw(sandbox, org.host)))


@pytest.fixture
def raw(open_raw: Open) -> Raw:
    return open_raw()


def lengths(answer: bytes) -> tuple[int, int]:
    """The length an answer promises, and the one it has."""
    head, _, body = answer.partition(b"\r\n\r\n")
    promised = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return int(promised), len(body)


@pytest.mark.parametrize("after", [0, 10])
def test_a_body_can_end_early(sandbox: Sandbox, raw: Raw, after: int) -> None:
    sandbox.faults.add(Truncate(after=after))

    raw.ask(WELL_KNOWN)
    promised, sent = lengths(raw.receive_all())

    assert promised > sent == after


def test_headers_can_end_early(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.faults.add(Truncate(after=20, part="headers"))

    raw.ask(WELL_KNOWN)

    assert raw.receive_all() == b"HTTP/1.1 200 OK\r\ncon"


def test_a_length_too_large_leaves_the_client_waiting(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.faults.add(WrongLength(by=5))
    raw.connection.settimeout(0.1)

    raw.ask(WELL_KNOWN)
    promised, sent = lengths(raw.receive(300))

    assert promised == sent + 5
    with pytest.raises(TimeoutError):
        raw.connection.recv(1)


def test_a_length_too_small_leaves_bytes_before_the_next_answer(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.faults.add(WrongLength(by=-5))

    raw.ask(WELL_KNOWN)
    promised, sent = lengths(raw.receive(300))

    assert promised == sent - 5


@pytest.mark.parametrize("part", ["headers", "body"])
def test_bytes_can_come_in_drips(sandbox: Sandbox, stranger: Caller, part: Part) -> None:
    sandbox.faults.add(Drip(bytes_per_s=1000, part=part))
    began = time.perf_counter()

    answer = stranger.get(WELL_KNOWN)

    assert answer.json()["pipeline"] == "idx"
    assert time.perf_counter() - began >= 0.1


def test_an_announced_body_of_any_size_comes_whole(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.faults.add(HugeBody(size=300_001))

    raw.ask(WELL_KNOWN)
    answer = raw.receive(300_100)

    assert lengths(answer) == (300_001, 300_001)


def test_a_body_without_a_size_never_ends(sandbox: Sandbox, raw: Raw, stranger: Caller) -> None:
    sandbox.faults.add(HugeBody(times=1))

    raw.ask(WELL_KNOWN)
    received = raw.receive(3_000_000)

    assert b"transfer-encoding: chunked" in received
    assert stranger.get(WELL_KNOWN).status == 200


def test_garbage_is_no_http(sandbox: Sandbox, open_raw: Open) -> None:
    sandbox.faults.add(Garbage(size=50, times=1))
    sandbox.faults.add(Garbage(text="220 mail.example ESMTP\r\n"))

    received = []
    for raw in (open_raw(), open_raw()):
        raw.ask(WELL_KNOWN)
        received.append(raw.receive_all())

    assert (len(received[0]), received[0][:5] == b"HTTP/") == (50, False)
    assert received[1] == b"220 mail.example ESMTP\r\n"


def test_a_connection_can_close_without_an_answer(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.faults.add(Close())

    raw.ask(WELL_KNOWN)

    assert raw.receive_all() == b""


def test_a_connection_can_be_reset(sandbox: Sandbox, raw: Raw) -> None:
    sandbox.faults.add(Reset())

    raw.ask(WELL_KNOWN)

    with pytest.raises(ConnectionResetError):
        raw.receive_undecrypted()


def test_silence_lasts_as_long_as_the_client(sandbox: Sandbox, raw: Raw, org: Org) -> None:
    sandbox.faults.add(Silence())
    raw.connection.settimeout(0.1)

    raw.ask(WELL_KNOWN)

    with pytest.raises(TimeoutError):
        raw.connection.recv(1)
    assert org.in_flight.count == 1


def test_a_delay_keeps_nobody_else_waiting(
    sandbox: Sandbox, raw: Raw, stranger: Caller, org: Org
) -> None:
    sandbox.faults.add(Delay(seconds=60, times=1))

    raw.ask(WELL_KNOWN)
    while org.in_flight.count == 0:
        time.sleep(0.001)

    assert stranger.get(WELL_KNOWN).status == 200
