"""The reference pages that come out of the code: ``python -m tools.reference`` writes them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tenants.okta.operations import FAMILIES, Operation, Paging
from tenants.okta.operations.media import CERTIFICATE, FORM, JSON, MULTIPART, XML

ROOT = Path(__file__).resolve().parent.parent
PAGE = Path("docs") / "reference" / "operations.md"

_INTRODUCTION = """\
# Okta operations

Written by `python -m tools.reference` from `tenants/okta/operations`; change it there.

{count} operations of Okta's API 2026.06.3. Those without a scope take the client's own credentials.

* *Counts in*: which of the org's rate limits a call takes from.
* *Paging*: the longest page one may ask for; *cursor*, where Okta alone decides; *whole*, a list
  that comes in one piece.
* *Notes*: what the query needs; *repeatable*, a change that leaves the same when it is made twice;
  *secret*, an answer that shows a secret this once.
* *Once*: the name in older versions of Okta's API description.
"""

_HEAD = (
    *("Operation", "Method", "Path", "Scope", "Effect", "Counts in", "Paging"),
    *("Takes", "Answers", "Notes", "Once"),
)

#: What people call the media types.
_KINDS = {
    **dict.fromkeys(JSON, "JSON"),
    **dict.fromkeys(FORM, "form"),
    **dict.fromkeys(MULTIPART, "picture"),
    **dict.fromkeys(XML, "XML"),
    **dict.fromkeys(CERTIFICATE, "certificate"),
}


def main() -> None:
    (ROOT / PAGE).parent.mkdir(parents=True, exist_ok=True)
    (ROOT / PAGE).write_text(page(FAMILIES))


def problems(root: Path) -> list[str]:
    """What is wrong with the page in ``root``: one sentence, or nothing."""
    path = root / PAGE
    if path.exists() and path.read_text() == page(FAMILIES):
        return []
    return [f"{PAGE} is not what the catalogue says. Run: python -m tools.reference"]


def page(families: Mapping[str, tuple[Operation, ...]]) -> str:
    """Markdown, one table for each family."""
    introduction = _INTRODUCTION.format(count=sum(map(len, families.values())))
    tables = [f"## {title}\n\n{_table(family)}" for title, family in families.items()]
    return "\n".join([introduction, *tables])


def _table(family: Iterable[Operation]) -> str:
    lines = [_HEAD, ("---",) * len(_HEAD), *map(_row, family)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(operation: Operation) -> tuple[str, ...]:
    return (
        f"`{operation.name}`",
        operation.method,
        f"`{operation.path}`",
        f"`{operation.scope}`" if operation.scope else "",
        operation.effect,
        operation.bucket,
        _paging(operation),
        _kinds(operation.body),
        _kinds(operation.answers),
        ", ".join(_notes(operation)),
        f"`{operation.old_name}`" if operation.old_name else "",
    )


def _kinds(media_types: tuple[str, ...]) -> str:
    return ", ".join(dict.fromkeys(_KINDS.get(kind, f"`{kind}`") for kind in media_types))


def _notes(operation: Operation) -> Iterator[str]:
    yield from (f"needs `{name}`" for name in operation.required)
    if operation.repeatable and not operation.is_read:
        yield "repeatable"
    if operation.creates_secret:
        yield "secret"


def _paging(operation: Operation) -> str:
    if operation.paging == Paging.NONE:
        return ""
    return str(operation.page_limit or operation.paging)


if __name__ == "__main__":
    main()
