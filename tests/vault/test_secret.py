import copy
import dataclasses
import json
import pickle
import traceback
from logging import makeLogRecord

import msgspec
import pytest

from tenants.vault.secret import Secret

CANARY = "canary-4711"


def logged(secret: Secret) -> str:
    return makeLogRecord({"msg": "%s %r", "args": (secret, secret)}).getMessage()


@pytest.fixture
def secret() -> Secret:
    return Secret(CANARY)


def test_the_value_comes_out_through_expose(secret):
    assert secret.expose() == CANARY


@pytest.mark.parametrize(
    "show",
    [
        pytest.param(repr, id="repr"),
        pytest.param(str, id="str"),
        pytest.param("{}".format, id="format"),
        pytest.param("{:>20}".format, id="format with a width"),
        pytest.param(lambda secret: f"{secret!r} {[secret]} { {'k': secret} }", id="nested"),
        pytest.param(logged, id="log"),
    ],
)
def test_no_way_of_printing_shows_it(secret, show):
    shown = show(secret)

    assert CANARY not in shown


def test_a_traceback_that_prints_local_variables_does_not_show_it(secret):
    try:
        _stumble_over(secret)
    except ZeroDivisionError as exc:
        report = traceback.TracebackException.from_exception(exc, capture_locals=True)

    text = "".join(report.format())
    assert "carried = " in text
    assert CANARY not in text


def _stumble_over(carried: Secret) -> float:
    return 1 / 0


@pytest.mark.parametrize(
    "carry_off",
    [
        pytest.param(pickle.dumps, id="pickle"),
        pytest.param(json.dumps, id="json"),
        pytest.param(msgspec.json.encode, id="msgspec"),
        pytest.param(copy.copy, id="copy"),
        pytest.param(copy.deepcopy, id="deepcopy"),
        pytest.param(lambda secret: secret.__getstate__(), id="state"),
        pytest.param(vars, id="vars"),
        pytest.param(iter, id="iteration"),
        pytest.param(len, id="length"),
        pytest.param(hash, id="hash"),
        pytest.param(lambda secret: secret[0], id="index"),
        pytest.param(lambda secret: secret + "", id="concatenation"),
        pytest.param(lambda secret: "".join([secret]), id="join"),
    ],
)
def test_it_is_not_carried_off_by_other_means(secret, carry_off):
    with pytest.raises(TypeError) as refused:
        carry_off(secret)

    assert CANARY not in str(refused.value)


def test_a_dataclass_that_holds_one_cannot_be_turned_into_a_dict(secret):
    @dataclasses.dataclass
    class Holder:
        secret: Secret

    with pytest.raises(TypeError):
        dataclasses.asdict(Holder(secret))


def test_secrets_compare_by_value_with_each_other(secret):
    assert secret == Secret(CANARY)
    assert secret != Secret("other")
    assert secret != object()


@pytest.mark.parametrize("other", [CANARY, CANARY.encode()], ids=["str", "bytes"])
def test_comparing_with_plain_text_is_refused(secret, other):
    with pytest.raises(TypeError):
        secret == other  # noqa: B015  the comparison itself is what must fail
