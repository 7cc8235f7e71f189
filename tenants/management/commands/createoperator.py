"""The first operator, and any other: nobody can sign up by themselves."""

import getpass
import secrets
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from tenants.choices import OperatorRole
from tenants.models import AuditEvent, User


class Command(BaseCommand):
    help = "Create an operator who can sign in to the dashboard."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", choices=OperatorRole.values, default=OperatorRole.OWNER)
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="Read the password from standard input; without it, one is made and shown once.",
        )

    def handle(self, *, email: str, role: str, password_stdin: bool, **options: Any) -> None:
        email = _clean_email(email)
        given = _read_password() if password_stdin else ""
        password = given or secrets.token_urlsafe(18)
        _create(email, role, password)
        self.stdout.write(f"Created {email} as {OperatorRole(role).label.lower()}.")
        if not given:
            self.stdout.write(f"Password, shown only this once: {password}")


def _clean_email(text: str) -> str:
    email = text.strip().lower()
    try:
        User._meta.get_field("email").clean(email, None)
    except ValidationError as exc:
        raise CommandError(f"{text!r} is not an e-mail address.") from exc
    return email


def _read_password() -> str:
    interactive = sys.stdin.isatty()
    password = getpass.getpass("Password: ") if interactive else sys.stdin.readline().rstrip("\n")
    if not password:
        raise CommandError("--password-stdin was given, but there is no password on the input.")
    return password


def _create(email: str, role: str, password: str) -> None:
    try:
        validate_password(password, User(email=email))
    except ValidationError as exc:
        raise CommandError(" ".join(exc.messages)) from exc
    with transaction.atomic():
        if User.objects.filter(email=email).exists():
            raise CommandError(f"There is an account for {email} already.")
        user = User.objects.create_user(email, password, operator_role=role)
        AuditEvent.objects.record("operator.created", via="command", user=str(user.pk), role=role)
