"""Puts results into docs/performance.md, each table between its two marks, and charts beside it."""

import re
from collections.abc import Iterable
from pathlib import Path

from bench.result import Result
from bench.tables import Table
from stack.binaries import REPOSITORY

PERFORMANCE = REPOSITORY / "docs" / "performance.md"
_IMAGES = "images"


class MarkError(Exception):
    """The document has no place for a table; the message names its mark."""


def write(results: Iterable[Result], origin: str, file: Path) -> None:
    """Replaces what stands between `<!-- bench: KEY -->` and `<!-- end -->`; under each table goes its origin.

    Raises:
        MarkError: a table has no marks; nothing is written then.
    """
    results = list(results)
    text = file.read_text(encoding="utf-8")
    for table in (table for result in results for table in result.tables):
        text = _replaced(text, table, origin, file)
    file.write_text(text, encoding="utf-8")
    for name, chart in (chart for result in results for chart in result.charts.items()):
        image = file.parent / _IMAGES / f"{name}.svg"
        image.parent.mkdir(exist_ok=True)
        image.write_text(chart, encoding="utf-8")


def _replaced(text: str, table: Table, origin: str, file: Path) -> str:
    begin, end = f"<!-- bench: {table.key} -->", "<!-- end -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    text, times = pattern.subn(lambda _: f"{begin}\n{table.markdown()}\n\n{origin}\n{end}", text)
    if times != 1:
        raise MarkError(f"{file.name} has {times} places marked {begin} … {end}; it needs one")
    return text
