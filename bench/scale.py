"""How large and how long a run is."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Sizes in events, times in seconds; a round is one turn of every contender."""

    small: int
    crowded: int  # a session of the crowd
    typical: int
    medium: int
    large: int
    crowd: int
    others: int
    rounds: int
    seconds: float
    glance: float  # a round on one connection
    few: int  # connections
    many: int
    most: int
    pollers: Sequence[int]
    period: float
    periods: int
    open_rounds: int
    writes: float  # between two inserts
    calls: int
    slow_calls: int
    inserts: int
    batches: int
    follow: int
    baseline: float
    wrk: bool

    @property
    def events(self) -> int:
        """All events of the filled table."""
        running = self.crowded * self.crowd + self.typical * (1 + self.others) + 2 * self.small
        return self.large + self.medium + running


# About twelve minutes on two cores.
WHOLE = Scale(
    small=10,
    crowded=500,
    typical=10_000,
    medium=100_000,
    large=1_000_000,
    crowd=200,
    others=20,
    rounds=4,
    seconds=1,
    glance=0.3,
    few=16,
    many=100,
    most=1000,
    pollers=(100, 1000, 5000, 10_000),
    period=2.0,
    periods=2,
    open_rounds=2,
    writes=0.02,
    calls=400,
    slow_calls=3,
    inserts=500,
    batches=30,
    follow=50,
    baseline=3.0,
    wrk=True,
)

# Seconds: shows that everything runs; its figures mean nothing.
QUICK = Scale(
    small=10,
    crowded=20,
    typical=300,
    medium=500,
    large=2_000,
    crowd=5,
    others=2,
    rounds=1,
    seconds=0.1,
    glance=0.05,
    few=2,
    many=4,
    most=8,
    pollers=(4, 10, 20, 40),
    period=0.1,
    periods=2,
    open_rounds=1,
    writes=0.02,
    calls=10,
    slow_calls=2,
    inserts=20,
    batches=2,
    follow=3,
    baseline=0.1,
    wrk=False,
)
