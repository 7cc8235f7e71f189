"""``manage.py sandbox``: local Okta orgs in a process of their own, until it is told to stop."""

import re
import signal
import threading
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.sandbox.credentials import write_credentials
from tenants.sandbox.load import Loaded, load_exchanges
from tenants.sandbox.server import Sandbox

_ORG = re.compile(r"(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)=(?P<apps>\d{1,6})(?P<weak>:weak)?")
_SHOWN_BAD_LINES = 10


class OrgWanted(NamedTuple):
    host: str
    apps: int
    weak: bool


DEFAULT_ORGS = [
    OrgWanted("acme.okta.com", 40, False),
    OrgWanted("globex.oktapreview.com", 250, False),
    OrgWanted("initech.okta.com", 25, True),
]

LOADED_HOST = "recorded.okta.com"


def org_wanted(text: str) -> OrgWanted:
    """``HOST=APPS`` or ``HOST=APPS:weak``."""
    parsed = _ORG.fullmatch(text)
    if parsed is None:
        raise ArgumentTypeError(f"{text!r} is not HOST=APPS or HOST=APPS:weak")
    return OrgWanted(parsed["host"], int(parsed["apps"]), bool(parsed["weak"]))


class Command(BaseCommand):
    help = "Runs local Okta orgs over TLS, for demos and development. Stops at Ctrl-C."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own attribute

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=0, help="default: any free port")
        parser.add_argument("--directory", type=Path, default=settings.HOME / "sandbox")
        parser.add_argument("--org", type=org_wanted, action="append", metavar="HOST=APPS[:weak]")
        parser.add_argument("--load", type=Path, metavar="FILE", help="recorded exchanges, ndjson")
        parser.add_argument(
            "--into", metavar="HOST", help=f"the org that --load fills; default: {LOADED_HOST}"
        )
        parser.add_argument("--credentials", type=Path, help="default: in --directory")

    def handle(self, *args: Any, **options: Any) -> None:
        file = options["credentials"] or options["directory"] / "credentials.json"
        try:
            sandbox = Sandbox(directory=options["directory"], port=options["port"])
            self._add_orgs(sandbox, options)
            # Others wait for this file: one of an earlier run would send them astray.
            file.unlink(missing_ok=True)
            with sandbox:
                self._serve(sandbox, file)
        except (OSError, ValueError) as exc:
            raise CommandError(f"The sandbox cannot start: {exc}") from exc

    def _serve(self, sandbox: Sandbox, file: Path) -> None:
        """Serve until a signal to stop."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        write_credentials(sandbox, file)
        self._introduce(sandbox, file)
        stop.wait()
        file.unlink(missing_ok=True)

    def _add_orgs(self, sandbox: Sandbox, options: dict[str, Any]) -> None:
        file, host = options["load"], options["into"]
        if host and not file:
            raise CommandError("--into needs --load.")
        for org in options["org"] or ([] if file else DEFAULT_ORGS):
            sandbox.add_org(org.host, apps=org.apps, weak=org.weak)
        if file:
            self._load(sandbox, file, host or LOADED_HOST)

    def _load(self, sandbox: Sandbox, file: Path, host: str) -> None:
        """Fill the org at ``host``, which starts empty unless ``--org`` made it."""
        if host not in sandbox.orgs:
            sandbox.add_org(host, apps=0, authorization_servers=0)
        try:
            self._report(load_exchanges(sandbox.orgs[host], file), file)
        except OSError as exc:
            raise CommandError(f"{file} cannot be read: {exc.strerror}.") from exc

    def _report(self, loaded: Loaded, file: Path) -> None:
        counts = ", ".join(f"{kind} {count}" for kind, count in sorted(loaded.counts.items()))
        self.stdout.write(f"Loaded from {file.name}: {counts or 'nothing'}.")
        for number, reason in loaded.bad_lines[:_SHOWN_BAD_LINES]:
            self.stderr.write(f"Warning: line {number} is left out: {reason}.")
        if more := loaded.bad_lines[_SHOWN_BAD_LINES:]:
            self.stderr.write(f"Warning: {len(more)} more lines are left out.")
        for kind, count in sorted(loaded.orphans.items()):
            self.stderr.write(f"Warning: {count} {kind} left out; what they belong to is missing.")

    def _introduce(self, sandbox: Sandbox, file: Path) -> None:
        self.stdout.write(f"Serving {len(sandbox.orgs)} Okta orgs on port {sandbox.port}:")
        for org in sandbox.orgs.values():
            weak = ", with weaknesses planted" if org.planted else ""
            size = len(org.list("app"))
            self.stdout.write(f"  {org.host}  client ID {org.client_id}  {size} apps{weak}")
        dial = ",".join(f"{suffix}={host}:{port}" for suffix, (host, port) in sandbox.dial.items())
        self.stdout.write(f"Client secrets are in {file} and nowhere else.")
        self.stdout.write("To use them, start the product with:")
        self.stdout.write(f"OKTA_DIAL={dial}")
        self.stdout.write(f"OKTA_CA_BUNDLE={sandbox.ca_bundle}")
        self.stdout.flush()
