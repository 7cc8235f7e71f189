"""``manage.py okta``: any operation of the catalogue against any tenant's org."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from tenants.calls.errors import CallRefused
from tenants.calls.orgs import org_find
from tenants.calls.wanted import Call, call_build, operation_find
from tenants.management.okta.arguments import EPILOG, HelpFormatter, add_arguments, body_read
from tenants.management.okta.catalogue import catalogue_json, catalogue_text
from tenants.management.okta.command import OrgCommand
from tenants.management.okta.conversation import Conversation
from tenants.management.okta.exits import Way
from tenants.management.okta.output import output_to, require_open
from tenants.management.okta.queueing import change_build, queue
from tenants.okta.operations import Paging
from tenants.okta.operations.media import JSON, XML


class Command(OrgCommand):
    help = "Calls one operation of Okta's API on a tenant's org, or lists the operations."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        told = {"epilog": EPILOG, "formatter_class": HelpFormatter}
        return super().create_parser(prog_name, subcommand, **told, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def work(self, options: dict[str, Any]) -> Way:
        return self._call(options) if options["word"] is None else self._list(options)

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
        change = change_build(call, options) if options["queue"] else None
        org = org_find(options["tenant"])
        conversation = Conversation(call, org, self.stderr)
        if not options["yes"]:
            conversation.confirm(sys.stdin)
        if change:
            require_open(self.stdout)
            queue(change, org, self.stdout, self.stderr)
            return Way.DONE
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
