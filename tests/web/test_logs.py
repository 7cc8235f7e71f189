"""Log lines: one JSON object each, whatever is in them, and no credential in the clear."""

import json
import logging
import sys

import pytest

from tenants.logs import JsonFormatter, scrub


def _line(message: str, *args: object, exc_info: bool = False) -> str:
    info = sys.exc_info() if exc_info else None
    record = logging.LogRecord("hub", logging.WARNING, __file__, 1, message, args, info)
    return JsonFormatter().format(record)


def test_a_line_is_one_json_object_even_with_forged_line_ends() -> None:
    line = _line("seen %s", 'x\r\n{"level":"info"}\x1b[2J')

    assert "\n" not in line
    assert "\x1b" not in line
    assert json.loads(line)["event"].startswith("seen x")


def test_a_traceback_is_scrubbed_too() -> None:
    try:
        raise RuntimeError("Authorization: Bearer abcdefgh12345678")
    except RuntimeError:
        told = json.loads(_line("broken", exc_info=True))

    assert "RuntimeError" in told["traceback"]
    assert "abcdefgh12345678" not in told["traceback"]


@pytest.mark.parametrize(
    "leak",
    [
        "Basic MG9hMTpzM2NyZXQtdmFsdWU=",
        "bearer eyJraWQiOiJ4In0.e30.c2ln",
        "client_secret=s3cret-value-here",
        '{"client_secret": "s3cret-value-here"}',
        "redis password: hunter2hunter2",
        "cannot connect to redis://:hunter2hunter2@10.0.0.7:6379/0",
        "postgres://hub:s3cret-value@db/hub is away",
        "postgres://hub:p@s3cret-value@db/hub is away",
        "Not Found: /connect/enter/q83vEjRWeJCrze8SNFZ4kA/",
    ],
)
def test_what_looks_like_a_credential_is_masked(leak: str) -> None:
    scrubbed = scrub(leak)

    assert "***" in scrubbed
    for value in ("MG9hMTpz", "eyJraWQ", "s3cret", "hunter2", "q83vEjRW"):
        assert value not in scrubbed


def test_ordinary_words_stay() -> None:
    text = "run succeeded: 314 apps read, 4 tokens requested"

    assert scrub(text) == text
