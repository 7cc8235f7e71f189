import pytest

from tools.check import command, passes


def test_a_step_that_finds_nothing_is_told_in_one_line(capsys):
    assert passes("lint", lambda: "")

    assert "ok" in capsys.readouterr().out


def test_what_a_step_finds_is_shown(capsys):
    assert not passes("lint", lambda: "a.py:1: unused import")

    assert "a.py:1: unused import" in capsys.readouterr().out


def test_the_output_of_a_tool_counts_only_if_it_fails():
    assert command("platform")() == ""


@pytest.mark.parametrize("arguments", [("timeit", "--nonsense"), ("no_such_tool",)])
def test_a_tool_that_fails_is_never_silent(arguments):
    assert command(*arguments)()
