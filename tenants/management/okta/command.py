"""What commands that call a tenant's org have in common: how they end, whatever ends them."""

import os
import sys
from abc import abstractmethod
from typing import Any

from django import db
from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from oin_service.processes import end_on_signals
from tenants.errors import ServiceError
from tenants.management.okta.exits import Way, exit_for, sentence_for
from tenants.management.okta.visible import visible
from tenants.okta.errors import OktaError
from tenants.vault.errors import VaultError


class OrgCommand(BaseCommand):
    @abstractmethod
    def work(self, options: dict[str, Any]) -> Way:
        """Do it, and say how it went; errors become a sentence and an exit code."""

    def run_from_argv(self, argv: list[str]) -> None:
        """As a process of its own: with all clean-up whatever ends it, and with an exit code also
        where standard error is closed."""
        end_on_signals()
        if getattr(self.stderr, "closed", True):
            self.stderr = OutputWrapper(open(os.devnull, "w"))  # noqa: SIM115 - until our end
        super().run_from_argv(argv)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            way = self.work(options)
        except BrokenPipeError:
            way = self._reader_gone()
        except KeyboardInterrupt:
            raise CommandError("Interrupted.", returncode=Way.INTERRUPTED) from None
        except (ServiceError, OktaError, VaultError, OSError, db.Error) as error:
            told = visible(sentence_for(error))
            raise CommandError(told, returncode=exit_for(error)) from error
        if way is not Way.DONE:
            sys.exit(way)

    def _reader_gone(self) -> Way:
        """What Python would still flush at its end goes nowhere."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())
        return Way.READER_GONE
