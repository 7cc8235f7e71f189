"""``manage.py keys``: make, add, rotate and retire the keys that seal customers' secrets."""

import sys
from typing import Any
from uuid import UUID

from django import db
from django.core.management.base import BaseCommand, CommandError, CommandParser

from oin_service.processes import end_on_signals
from tenants.keys.canaries import keys_prove
from tenants.keys.changes import (
    file_create,
    key_add,
    key_delete,
    key_lead,
    key_retire,
    public_write,
)
from tenants.keys.counts import counted, sealed_counts
from tenants.keys.listing import keys_list
from tenants.keys.rewrapping import rewrap_all, waiting
from tenants.keys.ring import keyring
from tenants.keys.verifying import Broken, verify_all
from tenants.management.keys.arguments import EPILOG, add_arguments
from tenants.management.keys.bar import Bar
from tenants.management.keys.exits import Way
from tenants.management.okta.arguments import HelpFormatter, login
from tenants.vault.errors import SealUnavailable, VaultError
from tenants.vault.kinds import new_spec
from tenants.vault.ringfile import fresh_id
from tenants.vault.ringtext import Spec

MOST_SHOWN = 20


class Command(BaseCommand):
    help = "Makes, adds, rotates and retires the keys that seal customers' secrets."
    # Keys are made before there is a database.
    requires_system_checks = ()

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        told = {"epilog": EPILOG, "formatter_class": HelpFormatter}
        return super().create_parser(prog_name, subcommand, **told, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def run_from_argv(self, argv: list[str]) -> None:
        end_on_signals()
        super().run_from_argv(argv)

    def handle(self, *args: Any, act: str, **options: Any) -> None:
        try:
            way = getattr(self, f"_{act}")(options)
        except KeyboardInterrupt:
            raise CommandError("Interrupted.", returncode=Way.INTERRUPTED) from None
        except SealUnavailable as error:
            told = f"A key service does not answer: {error}. What was done so far is kept."
            raise CommandError(told, returncode=Way.UNAVAILABLE) from error
        except VaultError as error:
            raise CommandError(str(error), returncode=Way.REFUSED) from error
        except db.Error as error:
            told = f"The database does not do its part: {type(error).__name__}."
            raise CommandError(told, returncode=Way.REFUSED) from error
        if way is not Way.DONE:
            sys.exit(way)

    def _list(self, options: dict[str, Any]) -> Way:
        for line in keys_list():
            self.stdout.write(str(line))
        return Way.DONE

    def _init(self, options: dict[str, Any]) -> Way:
        key_id, spec = _new_key(options)
        file_create(key_id, spec)
        self.stdout.write(f"Made a key file with the key {key_id}.")
        self.stdout.write("Back it up now, apart from the database: without it nothing opens.")
        return Way.DONE

    def _add(self, options: dict[str, Any]) -> Way:
        key_id, spec = _new_key(options)
        key_add(key_id, spec, login=login())
        self.stdout.write(f"Added {key_id}. Hand the key file to every machine and back it up.")
        self.stdout.write(f"Then: manage.py keys rotate --to {key_id}")
        return Way.DONE

    def _public(self, options: dict[str, Any]) -> Way:
        key_id = public_write(options["file"], login=login())
        self.stdout.write(f"{options['file']} seals under {key_id} and opens nothing.")
        self.stdout.write("Give it to web processes as KEYRING_FILE, and to workers the whole one.")
        return Way.DONE

    def _rotate(self, options: dict[str, Any]) -> Way:
        if options["dry_run"]:
            return self._foresee(options["to"], options["reencrypt"])
        if keyring().primary != options["to"]:
            key_lead(options["to"], login=login())
            self.stdout.write(f"New values are sealed under {options['to']} from now on.")
        return self._move(options)

    def _rewrap(self, options: dict[str, Any]) -> Way:
        if options["dry_run"]:
            return self._foresee(keyring().primary, options["reencrypt"])
        return self._move(options)

    def _foresee(self, to: str, reencrypt: bool) -> Way:
        counts = sealed_counts()
        moved = sum(counts.values()) if reencrypt else sum(counts.values()) - counts.get(to, 0)
        self.stdout.write(f"{counted(moved)} of {sum(counts.values())} would move to {to}.")
        return Way.DONE

    def _move(self, options: dict[str, Any]) -> Way:
        ring, reencrypt = keyring(), options["reencrypt"]
        moved = 0
        broken: set[UUID] = set()
        batches = rewrap_all(ring, login=login(), size=options["batch"], reencrypt=reencrypt)
        with Bar(self.stderr, waiting(ring, reencrypt=reencrypt).count()) as bar:
            for batch in batches:
                moved += batch.moved
                broken.update(batch.broken)
                bar.advance(batch.moved + batch.lost + len(batch.broken))
        self.stdout.write(f"{counted(moved)} moved to {ring.primary}.")
        if broken:
            self.stdout.write(f"{counted(len(broken))} did not open; see: manage.py keys verify")
        return Way.BROKEN if broken else Way.DONE

    def _verify(self, options: dict[str, Any]) -> Way:
        counts = sealed_counts()
        broken: list[Broken] = []
        with Bar(self.stderr, sum(counts.values())) as bar:
            for verdict in verify_all(keyring()):
                broken += [verdict] if verdict else []
                bar.advance()
        for key_id, count in counts.items():
            self.stdout.write(f"{key_id}: {counted(count)}")
        for found in broken[:MOST_SHOWN]:
            self.stdout.write(f"does not open ({found.reason}): tenant {found.tenant_id}")
        opened = sum(counts.values()) - len(broken)
        self.stdout.write(f"Opened: {counted(opened)}. Broken: {len(broken)}.")
        keys_prove(keyring())
        return Way.BROKEN if broken else Way.DONE

    def _retire(self, options: dict[str, Any]) -> Way:
        if options["delete"]:
            key_delete(options["key_id"], login=login())
            self.stdout.write(f"Deleted {options['key_id']} from the key file.")
        else:
            key_retire(options["key_id"], login=login())
            self.stdout.write(
                f"{options['key_id']} opens nothing any more. It is kept in the file."
            )
        return Way.DONE


def _new_key(options: dict[str, Any]) -> tuple[str, Spec]:
    """An id, and what the key file will say of it. Raises KeyringError."""
    kind = options["kind"]
    return options["id"] or fresh_id(kind), new_spec(kind, dict(options["set"]))
