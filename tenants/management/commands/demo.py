"""``make demo``: the whole story on this machine, then the pages to look at."""

import json
import shlex
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand

from oin_service.home import HomeRefused, found_home
from oin_service.ports import free_port, port_is_free, port_number
from oin_service.processes import ChildError, end_on_signals
from oin_service.redis_server import RedisMissing
from oin_service.stack import MANAGE, PortBusy, Stack
from tenants.demo.home import inside_demo, sandbox_port, start_again_inside, write_environment
from tenants.demo.report import report
from tenants.demo.story import ORGS, SPARE_ORG, Story, StoryBroken
from tenants.demo.terminal import Terminal
from tenants.sandbox.control import Control
from tenants.vault.errors import KeyringError
from tenants.vault.ringfile import ring_create

CHECK_EVERY_S = 1.0
_REFUSALS = (ChildError, HomeRefused, KeyringError, PortBusy, RedisMissing, StoryBroken)

SERVING = """
Look around (Ctrl-C stops everything):

  Dashboard      {url}/
  Sign in as     operator@vendor.example
  Password       {password}
  Setup link     {link}
                 unused; to try it, paste what {spare} has in
                 {credentials}
  Okta by hand   . {environment} && .venv/bin/python manage.py okta acme.okta.com listApplications
"""


class Command(BaseCommand):
    help = "Plays the whole story against three local Okta orgs, then serves its pages."
    # The demo's own database does not exist yet.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="end after the story")
        parser.add_argument("--port", type=port_number, help="port of the pages on 127.0.0.1")

    def handle(self, *args: Any, once: bool, port: int | None, **options: Any) -> None:
        end_on_signals()
        try:
            if not inside_demo():
                # Nobody looks at the pages of a demo that ends at once, so any port will do.
                self._enter(port or (free_port() if once else 8000))
            self._play(urlsplit(settings.PUBLIC_URL).port or 80, once=once)
        except _REFUSALS as refused:
            sys.exit(str(refused))
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def _enter(self, port: int) -> None:
        if not port_is_free(port):
            raise PortBusy(port)
        start_again_inside(sys.argv, port=port)

    def _play(self, port: int, *, once: bool) -> None:
        terminal = Terminal(sys.stdout)
        home = settings.HOME
        found_home(home)
        ring_create(Path(settings.KEYRING_FILE))
        with Stack(home, port) as stack:
            terminal.chapter("Starting Okta orgs, Redis, web, worker and beat")
            self._start_sandbox(stack)
            stack.start()
            story = Story(terminal, Control(_credentials(home)), stack.check)
            story.play()
            told = report(terminal.seconds)
            if once:
                self.stdout.write(json.dumps(told))
                return
            terminal.chapter(f"Done: {json.dumps(told)}")
            self._serve(stack, story, home)

    def _start_sandbox(self, stack: Stack) -> None:
        file = _credentials(settings.HOME)
        options = ["--port", str(sandbox_port()), "--directory", str(file.parent)]
        orgs = [f"--org={org}" for org in (*ORGS, SPARE_ORG)]
        argv: list[str | Path] = [*MANAGE, "sandbox", *options, *orgs]
        stack.processes.start("sandbox", argv, ready=file.exists)

    def _serve(self, stack: Stack, story: Story, home: Path) -> None:
        environment = home / "env"
        write_environment(environment, stack.env)
        self.stdout.write(
            SERVING.format(
                url=stack.url,
                password=story.password,
                link=story.unused_link,
                spare=SPARE_ORG.partition("=")[0],
                credentials=_credentials(home),
                environment=shlex.quote(str(environment)),
            )
        )
        while True:
            for sentence in stack.mend():
                self.stdout.write(sentence)
            time.sleep(CHECK_EVERY_S)


def _credentials(home: Path) -> Path:
    return home / "sandbox" / "credentials.json"
