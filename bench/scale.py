"""How large and how long a run is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """Sizes in events, times in seconds; a round is one turn of every contender."""

    small: int
    typical: int
    large: int
    others: int
    rounds: int
    seconds: float
    connections: int
    pollers: int
    pace: float
    paced_seconds: float
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
        return self.large + self.typical * (1 + self.others) + 2 * self.small


# About six minutes on two cores.
WHOLE = Scale(
    small=10,
    typical=10_000,
    large=1_000_000,
    others=20,
    rounds=5,
    seconds=1,
    connections=16,
    pollers=100,
    pace=2.0,
    paced_seconds=8,
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
    typical=300,
    large=2_000,
    others=2,
    rounds=2,
    seconds=0.1,
    connections=4,
    pollers=20,
    pace=0.02,
    paced_seconds=0.2,
    calls=10,
    slow_calls=2,
    inserts=20,
    batches=2,
    follow=3,
    baseline=0.1,
    wrk=False,
)
