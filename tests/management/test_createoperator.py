"""The command that lets the first operator in."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tenants.models import AuditEvent, User

pytestmark = pytest.mark.django_db


def _create(*arguments: str) -> str:
    out = io.StringIO()
    call_command("createoperator", *arguments, stdout=out)
    return out.getvalue()


def test_without_a_password_one_is_made_and_shown_once():
    said = _create("Op@Example.com")

    user = User.objects.get(email="op@example.com")
    assert user.operator_role == "owner"
    assert user.check_password(said.split()[-1])
    assert len(said.split()[-1]) >= 20


def test_a_password_can_be_piped_in(monkeypatch: Any):
    monkeypatch.setattr("sys.stdin", io.StringIO("my own long password\n"))

    said = _create("op@example.com", "--role", "viewer", "--password-stdin")

    user = User.objects.get()
    assert user.operator_role == "viewer"
    assert user.check_password("my own long password")
    assert "my own long password" not in said


def test_the_making_is_on_the_record():
    _create("op@example.com")

    event = AuditEvent.objects.get(action="operator.created")
    assert event.detail == {"user": str(User.objects.get().pk), "role": "owner"}


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "x" * 300 + "@example.com"])
def test_what_is_no_address_is_refused(email: str):
    with pytest.raises(CommandError, match="is not an e-mail address"):
        _create(email)


def test_an_account_that_exists_stays_as_it_is():
    User.objects.create_user("op@example.com", "untouched")

    with pytest.raises(CommandError, match=r"There is an account for op@example\.com already"):
        _create("OP@example.com")

    assert User.objects.get().check_password("untouched")


@pytest.mark.parametrize(("given", "words"), [("", "no password"), ("short", "too short")])
def test_a_poor_password_is_refused(given: str, words: str, monkeypatch: Any):
    monkeypatch.setattr("sys.stdin", io.StringIO(given))

    with pytest.raises(CommandError, match=words):
        _create("op@example.com", "--password-stdin")

    assert not User.objects.exists()


def test_an_unknown_role_is_refused():
    with pytest.raises(CommandError, match="invalid choice"):
        _create("op@example.com", "--role", "king")
