"""Whether the worker of this host is alive, for health checks of containers."""

import sys
from socket import gethostname
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from tenants.runs import workers


class Command(BaseCommand):
    help = "Ends with 0 if a worker of this host gives signs of life and ticks come, else with 1."
    # Asked every minute: only what is needed to answer.
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            complaint = _complaint()
        except DatabaseError as exc:
            complaint = f"The database does not answer ({type(exc).__name__})."
        if complaint:
            sys.exit(complaint)
        self.stdout.write("Alive.")


def _complaint() -> str:
    if not workers.living().filter(host=gethostname()[:60]).exists():
        return "No worker of this host has given a sign of life lately."
    if workers.tick_is_overdue(workers.ALIVE_FOR):
        return "No worker has ticked lately."
    return ""
