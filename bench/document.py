"""Puts tables into docs/performance.md, each between its two marks."""

import re
from collections.abc import Iterable
from pathlib import Path

from bench.tables import Table
from stack.binaries import REPOSITORY

PERFORMANCE = REPOSITORY / "docs" / "performance.md"


class MarkError(Exception):
    """The document has no place for a table; the message names its mark."""


def write(tables: Iterable[Table], origin: str, file: Path) -> None:
    """Replaces what stands between `<!-- bench: KEY -->` and `<!-- end -->`; under each table goes its origin.

    Raises:
        MarkError: a table has no marks; the file is then as it was.
    """
    text = file.read_text(encoding="utf-8")
    for table in tables:
        text = _replaced(text, table, origin, file)
    file.write_text(text, encoding="utf-8")


def _replaced(text: str, table: Table, origin: str, file: Path) -> str:
    begin, end = f"<!-- bench: {table.key} -->", "<!-- end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    text, times = pattern.subn(lambda _: f"{begin}\n{table.markdown()}\n\n{origin}\n{end}", text)
    if times != 1:
        raise MarkError(f"{file.name} has {times} places marked {begin} … {end}; it needs one")
    return text
