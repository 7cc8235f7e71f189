"""``manage.py okta``: any operation of the catalogue against any tenant's org."""

import os
import sys
from typing import Any

from django import db
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    OutputWrapper,
)

from oin_service.processes import end_on_signals
from tenants.calls.errors import CallRefused
from tenants.calls.orgs import org_find
from tenants.calls.wanted import Call, call_build, operation_find
from tenants.errors import ServiceError
from tenants.management.okta.arguments import EPILOG, HelpFormatter, add_arguments, body_read
from tenants.management.okta.catalogue import catalogue_json, catalogue_text
from tenants.management.okta.conversation import Conversation
from tenants.management.okta.exits import Way, exit_for, sentence_for
from tenants.management.okta.output import output_to, require_open
from tenants.management.okta.visible import visible
from tenants.okta.errors import OktaError
from tenants.okta.operations import Paging
from tenants.okta.operations.media import JSON, XML
from tenants.vault.errors import VaultError


class Command(BaseCommand):
    help = "Calls one operation of Okta's API on a tenant's org, or lists the operations."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        told = {"epilog": EPILOG, "formatter_class": HelpFormatter}
        return super().create_parser(prog_name, subcommand, **told, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def run_from_argv(self, argv: list[str]) -> None:
        """As a process of its own: with all clean-up whatever ends it, and with an exit code also
        where standard error is closed."""
        end_on_signals()
        if getattr(self.stderr, "closed", True):
            self.stderr = OutputWrapper(open(os.devnull, "w"))  # noqa: SIM115 - until our end
        super().run_from_argv(argv)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            way = self._call(options) if options["word"] is None else self._list(options)
        except BrokenPipeError:
            way = self._reader_gone()
        except KeyboardInterrupt:
            raise CommandError("Interrupted.", returncode=Way.INTERRUPTED) from None
        except (ServiceError, OktaError, VaultError, OSError, db.Error) as error:
            told = visible(sentence_for(error))
            raise CommandError(told, returncode=exit_for(error)) from error
        if way is not Way.DONE:
            sys.exit(way)

    def _list(self, options: dict[str, Any]) -> Way:
        if options["tenant"]:
            raise CallRefused("--list stands alone: it needs no tenant and no operation.")
        told = (catalogue_json if options["json"] else catalogue_text)(options["word"])
        if not told:
            raise CallRefused(f"No operation has {options['word']!r} in name, path or scope.")
        require_open(self.stdout)
        self.stdout.write(told)
        self.stdout.flush()
        return Way.DONE

    def _call(self, options: dict[str, Any]) -> Way:
        if not (options["tenant"] and options["operation"]):
            raise CallRefused("Name a tenant and an operation, or ask for the --list of them.")
        call = self._wanted(options)
        conversation = Conversation(call, org_find(options["tenant"]), self.stderr)
        if not options["yes"]:
            conversation.confirm(sys.stdin)
        with output_to(options["file"], self.stdout, overwrite=options["overwrite"]) as output:
            return conversation.answer(output, every_page=options["all"])

    def _wanted(self, options: dict[str, Any]) -> Call:
        """The call, after every check that needs neither database nor network."""
        operation = operation_find(options["operation"])
        accept, file = options["accept"], options["body"]
        if options["all"] and operation.paging == Paging.NONE:
            raise CallRefused(f"{operation.name} is no listing, so it has no pages.")
        if accept not in ("", *JSON, *XML) and self.stdout.isatty() and not options["file"]:
            raise CallRefused(f"{accept} is nothing for a terminal. Name a --file for it.")
        return call_build(
            operation,
            path=options["path"],
            query=options["query"],
            body=body_read(file) if file else None,
            file_name=file.name if file else "",
            accept=accept,
            reveal=options["reveal_created"],
        )

    def _reader_gone(self) -> Way:
        """What Python would still flush at its end goes nowhere."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())
        return Way.READER_GONE
