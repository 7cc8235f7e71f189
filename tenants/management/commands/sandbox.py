"""``manage.py sandbox``: local Okta orgs in a process of their own, until it is told to stop."""

import signal
import threading
from argparse import RawDescriptionHelpFormatter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
)

from tenants.sandbox.control import ControlRefused, carry_out
from tenants.sandbox.credentials import own, write_credentials
from tenants.sandbox.faults import AnyFault, read_fault_file
from tenants.sandbox.flags import (
    OrgWanted,
    amount,
    fault,
    mode,
    org_wanted,
    rate_limit,
    switch,
)
from tenants.sandbox.load import Loaded, load_exchanges
from tenants.sandbox.modes import MODES
from tenants.sandbox.server import Sandbox
from tenants.sandbox.store import Body

_SHOWN_BAD_LINES = 10


DEFAULT_ORGS = [
    OrgWanted("acme.okta.com", 40, False),
    OrgWanted("globex.oktapreview.com", 250, False),
    OrgWanted("initech.okta.com", 25, True),
]

LOADED_HOST = "recorded.okta.com"


EXAMPLES = """examples:
  manage.py sandbox --org acme.okta.com=250 --rate-limit acme.okta.com:/api/v1/apps=20
  manage.py sandbox --org initech.okta.com=25:weak --unlicensed initech.okta.com
  manage.py sandbox --fault '{"action": "status", "status": 503, "share": 0.1}'
  manage.py sandbox --faults faults.json

Modes, faults and the control port are explained in docs/guides/sandbox.md.
"""


class _HelpFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Keeps the examples' lines."""


class Command(BaseCommand):
    help = "Runs local Okta orgs over TLS, for demos and development. Stops at Ctrl-C."
    requires_system_checks: list[str] = []  # noqa: RUF012 - Django's own attribute

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        shape = {"epilog": EXAMPLES, "formatter_class": _HelpFormatter}
        return super().create_parser(prog_name, subcommand, **shape, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=0, help="default: any free port")
        parser.add_argument("--directory", type=Path, default=settings.HOME / "sandbox")
        parser.add_argument("--org", type=org_wanted, action="append", metavar="HOST=APPS[:weak]")
        parser.add_argument("--load", type=Path, metavar="FILE", help="recorded exchanges, ndjson")
        parser.add_argument(
            "--into", metavar="HOST", help=f"the org that --load fills; default: {LOADED_HOST}"
        )
        parser.add_argument("--credentials", type=Path, help="default: in --directory")
        self._add_modes(parser)

    def _add_modes(self, parser: CommandParser) -> None:
        """Every one of these is a command of the control port, kept until the orgs are there."""
        modes = parser.add_argument_group("how hard the orgs are")

        def add(flag: str, kind: Callable[[str], Body], form: str, text: str) -> None:
            modes.add_argument(
                flag, type=kind, metavar=form, help=text, action="append", dest="commands"
            )

        add("--read-only", switch("read_only", True), "HOST", "writes are refused with a 503")
        add("--unlicensed", switch("licensed", False), "HOST", "no API Access Management")
        add("--latency", amount("delay_s"), "HOST=SECONDS", "every answer waits for so long")
        add("--concurrency", amount("max_concurrency"), "HOST=N", "requests at once; default: 75")
        add("--rate-limit", rate_limit, "HOST:BUCKET=N", "requests a minute in one bucket")
        add("--set", mode, "HOST:FIELD=VALUE", f"any mode: {', '.join(MODES)}")
        add("--fault", fault, "JSON", "a fault, for all hosts unless it names one")
        modes.add_argument("--faults", type=Path, metavar="FILE", help="faults as a JSON list")

    def handle(self, *args: Any, **options: Any) -> None:
        file = options["credentials"] or options["directory"] / "credentials.json"
        try:
            sandbox = Sandbox(directory=options["directory"], port=options["port"])
            self._add_orgs(sandbox, options)
            self._make_hard(sandbox, options)
            with own(options["directory"]):
                # Others wait for this file: one of an earlier run would send them astray.
                file.unlink(missing_ok=True)
                with sandbox:
                    self._serve(sandbox, file)
        except (OSError, ValueError, ControlRefused) as exc:
            raise CommandError(f"The sandbox cannot start: {exc}") from exc

    def _make_hard(self, sandbox: Sandbox, options: dict[str, Any]) -> None:
        for command in options["commands"] or []:
            carry_out(sandbox, command)
        for scripted in self._read_faults(options["faults"]):
            sandbox.faults.add(scripted)

    def _read_faults(self, file: Path | None) -> list[AnyFault]:
        try:
            return read_fault_file(file) if file else []
        except OSError as exc:
            raise CommandError(f"{file} cannot be read: {exc.strerror}.") from exc

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
        self.stdout.write("ENVIRONMENT=development")
        self.stdout.write(f"OKTA_DIAL={dial}")
        self.stdout.write(f"OKTA_CA_BUNDLE={sandbox.ca_bundle}")
        self.stdout.flush()
