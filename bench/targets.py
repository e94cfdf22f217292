"""What this product shall reach, beside what it was measured to reach."""

from collections.abc import Collection
from dataclasses import dataclass

from bench.cases import FEW, MANY, Case
from bench.polls import FEW_EACH, FIRST, IDLE_EACH, IDLE_ONE
from bench.result import Figure, Figures
from bench.rounds import number
from bench.tables import Cell, Table

# Figures that are no case of all contenders.
SIZE, FURTHER, ALONE, BY_WALK, BY_CURSOR = "size", "further poll", "one poll alone", "by walk", "by cursor"
OPEN_SMALL, OPEN, OPEN_LARGE, OPEN_STRETCH = "open 100", "open 1,000", "open 5,000", "open 10,000"
WRITE_ONE, WRITE_BATCH, WRITE_WAL_ONE, WRITE_WAL_BATCH = "write one", "write batch", "wal one", "wal batch"
SPEED = "speed"


@dataclass(frozen=True)
class Target:
    """A bound for a figure, its least value or its greatest; `before` is what was measured at the commit _BEFORE."""

    case: str
    figure: str | Case
    before: str
    target: float | None
    stretch: float | None = None
    unit: str = ""
    at_most: bool = False

    def row(self, figure: Figure) -> list[Cell]:
        """Of the table."""
        errors = f", {figure.errors:,} errors" if figure.errors else ""
        return [
            self.case,
            self.before,
            self._bound(self.target),
            self._bound(self.stretch),
            f"{figure.value}{self.unit}{errors}",
            self._verdict(figure),
        ]

    def _bound(self, value: float | None) -> str:
        return "" if value is None else f"{'≤' if self.at_most else '≥'} {number(value)}{self.unit}"

    def _verdict(self, figure: Figure) -> str:
        if self._holds(self.stretch, figure):
            return "stretch"
        return "yes" if self._holds(self.target, figure) else "no"

    def _holds(self, bound: float | None, figure: Figure) -> bool:
        if bound is None or figure.errors:
            return False
        return figure.value.median <= bound if self.at_most else figure.value.median >= bound


# Each poll by itself, each page counted and sorted anew.
_BEFORE = "commit b454643"
TARGETS = (
    Target("idle poll, each on another session, 16 connections", Case(IDLE_EACH, FEW), "0.30", 1.5, 2),
    Target("the same, 100 connections", Case(IDLE_EACH, MANY), "", 3, 5),
    Target("idle poll, all on one session, 100 connections", Case(IDLE_ONE, MANY), "0.37", 4, 8),
    Target("3 new events, 16 connections, other sessions", Case(FEW_EACH, FEW), "0.37", 1.2, 2),
    Target("first page of 100 of 10,000, 16 connections", Case(FIRST, FEW), "0.49", 1.2, 2),
    Target("first page, 1,000,000 against 10,000 events (ours)", SIZE, "71", 1.5, 1.1, at_most=True),
    Target("open loop, 100 pollers, p95 (SC-001)", OPEN_SMALL, "", 500, None, " ms", at_most=True),
    Target("open loop, 1,000 pollers, p95", OPEN, "6.6 ms", 6, 4, " ms", at_most=True),
    Target("open loop, 5,000 pollers, p95", OPEN_LARGE, "", 50, None, " ms", at_most=True),
    Target("open loop, 10,000 pollers, p95", OPEN_STRETCH, "", None, 50, " ms", at_most=True),
    Target("idle polls a second, 100 connections (ours)", SPEED, "1,154", 8000),
    Target("a further idle poll in a shared call, PostgreSQL", FURTHER, "", 20, None, " µs", at_most=True),
    Target("one idle poll alone, PostgreSQL", ALONE, "450 µs", 300, None, " µs", at_most=True),
    Target("1,000,000 events read back by walk", BY_WALK, "118 s", 12, None, " s", at_most=True),
    Target("the same by a cursor that has seen none", BY_CURSOR, "497 s", 12, None, " s", at_most=True),
    Target("inserts, one row a commit, time against the parent's", WRITE_ONE, "1.12", 1.08, at_most=True),
    Target("inserts, 100 rows a commit, time", WRITE_BATCH, "1.32", 1.2, at_most=True),
    Target("inserts, one row a commit, WAL", WRITE_WAL_ONE, "1.73", 1.5, at_most=True),
    Target("inserts, 100 rows a commit, WAL", WRITE_WAL_BATCH, "1.86", 1.5, at_most=True),
)


def table(figures: Figures) -> Table:
    """All targets, in one run."""
    return Table(
        "targets",
        "Targets",
        ["case", "before", "target", "stretch", "measured", "met"],
        [target.row(figures[target.figure]) for target in TARGETS],
        "Without a unit: a ratio, of polls to the better of the two hand-written peers. Medians of the rounds, with the"
        f" least and the greatest; an error misses a target. Before is {_BEFORE}, on another machine.",
    )


def needed(cases: Collection[Case]) -> list[Case]:
    """Those of the cases that a target is about."""
    figures = {target.figure for target in TARGETS}
    return [case for case in cases if case in figures]
