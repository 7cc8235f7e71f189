"""``make run``: the whole service on one machine, until Ctrl-C."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from oin_service.home import HomeRefused, found_home, home_folder
from oin_service.ports import port_number
from oin_service.processes import ChildError, end_on_signals
from oin_service.redis_server import RedisMissing
from oin_service.stack import PortBusy, Stack
from tenants.vault.errors import KeyringError
from tenants.vault.ringfile import ring_create

CHECK_EVERY_S = 1.0

BACK_UP = """\
Keys were made for this installation. Back up this folder now, and keep it apart from the database:
  {folder}
Without its keyring.json no customer's secret can ever be read again."""

FIRST_OPERATOR = """\
Nobody can sign in yet. Create the first operator in another terminal:
  .venv/bin/python manage.py createoperator you@your-company.example"""


class Command(BaseCommand):
    help = "Runs web, worker, beat and (unless REDIS_URL is set) Redis on this machine."
    # The database may not be migrated yet: that is part of what we do.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=port_number, default=8000, help="port on 127.0.0.1")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        end_on_signals()
        try:
            home = home_folder()
            found_home(home)
            self._create_keyring(Path(settings.KEYRING_FILE))
            with Stack(home, port) as stack:
                self._serve(stack)
        except (ChildError, HomeRefused, KeyringError, PortBusy, RedisMissing) as refused:
            sys.exit(str(refused))
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def _create_keyring(self, path: Path) -> None:
        """Before anything else, so that a first run that fails later still named its keys."""
        if path.exists():
            return
        ring_create(path)
        self.stdout.write(BACK_UP.format(folder=path.parent))

    def _serve(self, stack: Stack) -> None:
        self.stdout.write("Starting …")
        stack.start()
        self.stdout.write(f"Serving at {stack.env['PUBLIC_URL']} (Ctrl-C stops everything).")
        self.stdout.write(f"Logs are in {stack.home / 'logs'}")
        if not get_user_model().objects.exists():
            self.stdout.write(FIRST_OPERATOR)
        while True:
            for sentence in stack.mend():
                self.stdout.write(sentence)
            time.sleep(CHECK_EVERY_S)
