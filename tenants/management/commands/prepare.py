"""Everything a new version needs before it serves: one command for every kind of installation."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Brings the database and the static files up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False)
        call_command("collectstatic", interactive=False, verbosity=0)
