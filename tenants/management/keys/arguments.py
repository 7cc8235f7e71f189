"""What ``manage.py keys`` takes, and its help."""

from argparse import ArgumentTypeError
from collections.abc import Mapping
from pathlib import Path

from django.core.management.base import CommandParser

from tenants.keys.rewrapping import BATCH
from tenants.management.keys.exits import exit_table
from tenants.management.okta.arguments import pair
from tenants.vault.keyring import KEY_ID
from tenants.vault.kinds import KINDS, LOCAL

EPILOG = f"""\
A key ring holds several keys, each under an id of its own. New secrets are
sealed under the primary key; every sealed secret names the key that opens it.

to change the key, once a year, or when somebody leaves who could read it:
  1. manage.py keys add                 a new key; nothing is sealed under it yet
  2. hand the key file to every machine; processes read it again by themselves,
     containers with a mounted file have to be started anew
  3. manage.py keys rotate --to NEW     seal under it, and move what is sealed
  4. manage.py keys verify              open every secret once
  5. manage.py keys retire OLD          when no value is left under it
Customers notice nothing. Whatever stops a step, start it again.

A backup of the database opens with the keys of its day: keep a retired key for
as long as you keep such backups, then: manage.py keys retire OLD --delete

exit codes:
{exit_table()}
"""

_ACTS: Mapping[str, str] = {
    "public": "write a key file that seals and opens nothing, for web processes",
    "list": "show the keys, and how many values each of them holds",
    "init": "make a key file with one key, where there is none",
    "add": "add a key, which opens values and seals none yet",
    "rotate": "make a key the primary one, and move all values to it",
    "rewrap": "move all values to the key that is primary already",
    "verify": "open every value once, and prove the keys",
    "retire": "let a key that holds no values open nothing any more",
}


def add_arguments(parser: CommandParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    parsers = {name: acts.add_parser(name, help=told) for name, told in _ACTS.items()}
    for name in ("init", "add"):
        _add_new_key(parsers[name])
    for name in ("rotate", "rewrap"):
        _add_move(parsers[name])
    parsers["rotate"].add_argument(
        "--to", type=key_id, required=True, metavar="ID", help="the key to seal under"
    )
    parsers["public"].add_argument(
        "file", type=Path, metavar="FILE", help="where there is none yet"
    )
    parsers["retire"].add_argument("key_id", type=key_id, metavar="ID")
    parsers["retire"].add_argument(
        "--delete", action="store_true", help="drop a key for good that was retired before"
    )


def _add_new_key(parser: CommandParser) -> None:
    parser.add_argument(
        "--kind",
        choices=[LOCAL, *sorted(KINDS)],
        default=LOCAL,
        help="local: in the file itself; hpke: in two halves; or in a key service",
    )
    parser.add_argument(
        "--set",
        type=pair,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="what a key service needs to be told, see docs/guides/keys.md",
    )
    parser.add_argument("--id", type=key_id, metavar="ID", help="its id; else one is made up")


def _add_move(parser: CommandParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and end")
    parser.add_argument(
        "--reencrypt",
        action="store_true",
        help="also give every value a new data key: when somebody may have seen those",
    )
    parser.add_argument(
        "--batch",
        type=batch_size,
        default=BATCH,
        metavar="N",
        help=f"values to commit together ({BATCH})",
    )


def key_id(typed: str) -> str:
    if not KEY_ID.fullmatch(typed):
        raise ArgumentTypeError(
            f"{typed!r} is no key id: 1 to 32 lower-case letters, digits and dashes, no dash first"
        )
    return typed


def batch_size(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal() and 1 <= int(typed) <= 10_000):
        raise ArgumentTypeError(f"{typed!r} is no number from 1 to 10000")
    return int(typed)
