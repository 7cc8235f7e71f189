"""What ``manage.py okta`` takes, and its help."""

import os
import pwd
import sys
from argparse import ArgumentTypeError, RawDescriptionHelpFormatter
from pathlib import Path

from django.core.management.base import CommandParser, DjangoHelpFormatter

from tenants.calls.contents import MAX_BODY_BYTES
from tenants.calls.errors import CallRefused
from tenants.management.okta.exits import exit_table

EPILOG = f"""\
TENANT is a tenant's host (acme.okta.com), its id, its Okta org's id, or its
name. It has to be connected and not paused. OPERATION is in any case, or what
it was once called.

The token has that operation's scope and no other. Only Okta's answer is on
standard output, without secrets; status, request ID and error ID are on
standard error. Every call leaves its trace in the tenant's activity.

examples:
  manage.py okta --list secrets
  manage.py okta acme.okta.com listApplications --all --file apps.json
  manage.py okta Acme listApplications --query 'filter=status eq "ACTIVE"'
  manage.py okta Acme getAuthorizationServer --path authServerId=default
  manage.py okta Acme deactivateApplication --path appId=0oa... --yes
  manage.py okta Acme createOAuth2Scope --path authServerId=aus... \\
      --body scope.json --queue
  manage.py okta Acme introspect --body token.json

exit codes:
{exit_table()}
"""


class HelpFormatter(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Django's order of options, and the epilog as it was written."""


def text(typed: str) -> str:
    """Raises ArgumentTypeError for bytes that are no text in the terminal's encoding."""
    if not typed.isprintable():
        raise ArgumentTypeError(f"{typed!r} holds characters that no name or value here has")
    return typed


def pair(typed: str) -> tuple[str, str]:
    """``name=value``."""
    name, equals, value = text(typed).partition("=")
    if not (name and equals):
        raise ArgumentTypeError(f"{typed!r} is not NAME=VALUE")
    return name, value


def add_arguments(parser: CommandParser) -> None:
    parser.add_argument("tenant", type=text, nargs="?", metavar="TENANT")
    parser.add_argument("operation", type=text, nargs="?", metavar="OPERATION")
    _add_request(parser)
    _add_answer(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask before a change")
    parser.add_argument(
        "--queue",
        action="store_true",
        help="commit the change for a worker, which makes it once; prints the run's id",
    )
    parser.add_argument(
        "--list",
        type=text,
        nargs="?",
        const="",
        dest="word",
        metavar="WORD",
        help="print the operations, or those with WORD in name, path or scope",
    )
    parser.add_argument("--json", action="store_true", help="with --list: as JSON")


def _add_request(parser: CommandParser) -> None:
    for flag, of in (("--path", "an id in the path"), ("--query", "a parameter of the query")):
        parser.add_argument(
            flag,
            type=pair,
            nargs="+",
            action="extend",
            default=[],
            metavar="NAME=VALUE",
            help=f"{of}; several after one flag, or the flag again",
        )
    parser.add_argument(
        "--body",
        type=Path,
        metavar="FILE",
        help="JSON, a picture or a certificate, as the operation takes; - is standard input",
    )
    parser.add_argument("--accept", type=text, default="", metavar="TYPE", help="of the answer")


def _add_answer(parser: CommandParser) -> None:
    parser.add_argument("--all", action="store_true", help="every page of a listing, not one")
    parser.add_argument(
        "--file", type=Path, metavar="FILE", help="put the answer there, for the owner alone"
    )
    parser.add_argument("--overwrite", action="store_true", help="--file may be there already")
    parser.add_argument(
        "--reveal-created",
        action="store_true",
        help="show the secret that this very operation creates",
    )


def body_read(file: Path) -> bytes:
    """The file's bytes, one more than any body has at most.

    Raises:
        CallRefused: it cannot be read.
    """
    if file == Path("-"):
        return _piped()
    try:
        with file.open("rb") as stream:
            return stream.read(MAX_BODY_BYTES + 1)
    except OSError as exc:
        raise CallRefused(f"{file} cannot be read: {exc.strerror}.") from exc


def _piped() -> bytes:
    if sys.stdin is None:
        raise CallRefused("Standard input is closed, so there is no body to be read.")
    return sys.stdin.buffer.read(MAX_BODY_BYTES + 1)


def login() -> str:
    """Who started us, as the operating system knows them: an environment can say anything."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
