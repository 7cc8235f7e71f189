"""``manage.py token``: an access token of a tenant's org, or what may be said of one."""

import sys
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from tenants.calls.orgs import ConnectedOrg, org_find
from tenants.calls.tokens import TokenFacts, scopes_wanted, token_get
from tenants.management.okta.arguments import HelpFormatter, login, text
from tenants.management.okta.asking import ask
from tenants.management.okta.command import OrgCommand
from tenants.management.okta.exits import Way, exit_table
from tenants.management.okta.output import require_open
from tenants.management.okta.visible import visible

EPILOG = f"""\
TENANT is as for "manage.py okta". The token is the one that runs with the same
scopes use, from the cache where there is one. Without --reveal only its scopes,
its end and a fingerprint are shown, on standard output. With --reveal standard
output has the token and nothing else: whoever reads it there can do with the
org what the scopes allow until it ends.

examples:
  manage.py token acme.okta.com --scope okta.apps.read
  manage.py token Acme --scope okta.apps.read --reveal --yes > token.txt

exit codes:
{exit_table()}
"""


class Command(OrgCommand):
    help = "Gets an access token of a tenant's org with exactly the scopes named."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        told = {"epilog": EPILOG, "formatter_class": HelpFormatter}
        return super().create_parser(prog_name, subcommand, **told, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tenant", type=text, metavar="TENANT")
        parser.add_argument(
            "--scope",
            type=text,
            nargs="+",
            action="extend",
            required=True,
            dest="scopes",
            metavar="SCOPE",
            help="several after one flag, or the flag again",
        )
        parser.add_argument("--reveal", action="store_true", help="show the token itself")
        parser.add_argument("--yes", action="store_true", help="do not ask before showing it")

    def work(self, options: dict[str, Any]) -> Way:
        reveal, scopes = options["reveal"], scopes_wanted(options["scopes"])
        org = org_find(options["tenant"])
        require_open(self.stdout)
        if reveal and not options["yes"]:
            self._confirm(org, scopes)
        token, facts = token_get(org, scopes, login=login(), reveal=reveal)
        facts_to = self.stderr if reveal else self.stdout
        for line in _told(org, facts):
            facts_to.write(visible(line), style_func=str)
        if reveal:
            self.stdout.write(token.value)
        self.stdout.flush()
        return Way.DONE

    def _confirm(self, org: ConnectedOrg, scopes: frozenset[str]) -> None:
        question = (
            f"{org.tenant.name} ({org.host}): a token with {' '.join(sorted(scopes))}\n"
            "Whoever sees it can do with the org what these scopes allow, until it ends."
        )
        what = "A token would be shown."
        ask(question, sys.stdin, self.stderr, what=what, if_not="no token was asked for")


def _told(org: ConnectedOrg, facts: TokenFacts) -> Iterator[str]:
    yield f"org          {org.tenant.name} ({org.host})"
    yield f"scopes       {' '.join(facts.scopes)}"
    yield f"ends         {facts.ends_at:%Y-%m-%d %H:%M:%S} UTC"
    yield f"fingerprint  {facts.fingerprint}"
