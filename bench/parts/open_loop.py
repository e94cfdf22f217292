"""Pollers that come at fixed times while a writer inserts: what each of them has to wait."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bench import pollers, targets
from bench.contenders import CONTENDERS, PRODUCT, Served, contenders
from bench.pollers import Plan, Seen
from bench.polls import positions
from bench.processor import between, spent
from bench.result import Figure, Figures, Result, Setting
from bench.rounds import alternate, percentile, spread
from bench.scale import Scale
from bench.tables import Cell, Table
from bench.writer import writing

_FIGURES = (targets.OPEN_SMALL, targets.OPEN, targets.OPEN_LARGE, targets.OPEN_STRETCH)


@dataclass(frozen=True)
class Round:
    """What the pollers met, and the milliseconds of the servers' processor time for each poll."""

    seen: Seen
    processor: float

    def percentile(self, percent: float) -> float:
        """Of the times that a poll took, in ms; without end where no poll was answered."""
        return percentile(self.seen.latencies or [math.inf], percent)


def measure(setting: Setting) -> Result:
    """For each number of pollers, the contenders in turn; for the largest, and for the targets, this product alone."""
    scale = setting.scale
    rows: list[list[Cell]] = []
    figures: Figures = {}
    with contenders(setting.found, setting.load, [one for one in CONTENDERS if one.follows]) as running:
        served = {one.name: at_work for one, at_work in running.items() if isinstance(at_work, Served)}
        for figure, count in zip(_FIGURES, scale.pollers, strict=True):
            asked = served if setting.whole and count < max(scale.pollers) else {PRODUCT: served[PRODUCT]}
            rounds = {name: partial(_round, one, served[PRODUCT], count, setting) for name, one in asked.items()}
            results = alternate(rounds, scale.open_rounds)
            rows += [_row(count, name, met) for name, met in results.items()]
            figures[figure] = _figure(results[PRODUCT])
    return Result([_table(rows, scale)], figures)


def _round(asked: Served, ours: Served, count: int, setting: Setting) -> Round:
    found, scale = setting.found, setting.scale
    first = list(positions(found.crowd, ours.answer).values())
    polls = [first[number % len(first)] for number in range(count)]
    plan = Plan(asked.server.url, asked.target, polls, scale.period, scale.periods)
    with writing(found.adopted, found.crowd, scale.writes):
        before = spent(asked.pids, found.server)
        seen = pollers.run(plan)
        taken = between(before, spent(asked.pids, found.server))
    return Round(seen, sum(taken.values()) * 1000 / (count * (1 + scale.periods)))


def _figure(met: Sequence[Round]) -> Figure:
    return Figure(spread(one.percentile(95) for one in met), sum(one.seen.errors for one in met))


def _row(count: int, name: str, met: Sequence[Round]) -> list[Cell]:
    polls = sum(len(one.seen.latencies) for one in met)
    return [
        count,
        name,
        polls,
        sum(one.seen.with_events for one in met) / max(polls, 1),
        *(spread(one.percentile(percent) for one in met).median for percent in (50, 95, 99, 100)),
        sum(one.seen.errors for one in met),
        spread(one.processor for one in met).median,
        spread(percentile(one.seen.lateness or [math.inf], 95) for one in met).median,
        spread(one.seen.core for one in met).median,
    ]


def _table(rows: Sequence[Sequence[Cell]], scale: Scale) -> Table:
    return Table(
        "open-loop",
        f"Pollers of {scale.crowd:,} sessions, each every {scale.period:g} s at fixed times, while a writer inserts",
        [
            "pollers",
            "server",
            "polls",
            "with events",
            "p50, ms",
            "p95",
            "p99",
            "longest",
            "errors",
            "processor, ms a poll",
            "generator late, ms, p95",
            "its cores",
        ],
        rows,
        f"Medians of {scale.open_rounds} rounds of {scale.periods} polls each, after one that is not counted. A poll's"
        f" time counts from the moment at which it was due. The writer commits about {1 / scale.writes:.0f} events a"
        " second, to each session in turn. What the generator itself sends late is part of every time.",
    )
