"""Contenders take turns in short rounds, so that whatever else the machine does hits all of them alike."""

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Name = TypeVar("Name")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Spread:
    """A median, with the least and the greatest of what was measured."""

    median: float
    least: float
    most: float

    def __str__(self) -> str:
        """Such as 1.02 (0.98-1.10)."""
        return f"{number(self.median)} ({number(self.least)}-{number(self.most)})"


def alternate(contenders: Mapping[Name, Callable[[], Result]], rounds: int) -> dict[Name, list[Result]]:
    """Every contender's results, one a round: A B C, A B C, …"""
    results: dict[Name, list[Result]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, run in contenders.items():
            results[name].append(run())
    return results


def spread(values: Iterable[float]) -> Spread:
    """Of at least one value."""
    ordered = sorted(values)
    return Spread(statistics.median(ordered), ordered[0], ordered[-1])


def ratio(values: Sequence[float], base: Sequence[float]) -> Spread:
    """Value by base, round by round: both had the same neighbours then."""
    return spread(value / other if other else math.inf for value, other in zip(values, base, strict=True))


def percentile(values: Sequence[float], percent: float) -> float:
    """The least value that `percent` per cent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def number(value: float) -> str:
    """Three significant digits, in full."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) >= 0.001 or value == 0 else f"{value:.1g}"
