"""Results as plain text for a terminal and as Markdown for docs/performance.md."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from bench.rounds import Spread, number

Cell = str | int | float | Spread | None


@dataclass(frozen=True)
class Table:
    """One result: `key` is its mark in the document, `note` says what a reader has to know about it."""

    key: str
    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    note: str = ""

    def text(self) -> str:
        """For a terminal: the first column to the left, the others to the right."""
        cells = self._cells()
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(_placed(row, widths)).rstrip() for row in cells]
        lines.insert(1, "  ".join("-" * width for width in widths))
        return "\n".join([self.title, *lines, *([self.note] if self.note else [])])

    def markdown(self) -> str:
        """For the document."""
        header, *rows = (f"| {' | '.join(row)} |" for row in self._cells())
        rule = f"|{'|'.join([' --- ', *[' ---: '] * (len(self.columns) - 1)])}|"
        note = ["", *textwrap.wrap(self.note, 120, break_on_hyphens=False)] if self.note else []
        return "\n".join([f"**{self.title}**", "", header, rule, *rows, *note])

    def _cells(self) -> list[list[str]]:
        return [list(self.columns), *([_text(cell) for cell in row] for row in self.rows)]


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return number(cell)
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _placed(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    first, *rest = zip(row, widths, strict=True)
    return [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
