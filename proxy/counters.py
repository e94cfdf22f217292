"""Numbers that several processes count, in memory that they share.

Each process adds to a row of its own, which outlives it; whoever is asked tells the sums over all rows. A number has
its place from the beginning: to count is to look that up by the labels' values, and to add.
"""

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, product
from mmap import mmap

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

Value = str | int

_BYTES = 8
# Memory that is never written is never taken.
_PLACES = 8192


class Table(Collector):
    """So many rows of numbers, and the families that these belong to."""

    def __init__(self, rows: int) -> None:
        numbers = memoryview(mmap(-1, rows * _PLACES * _BYTES)).cast("d")
        self._rows = [numbers[first : first + _PLACES] for first in range(0, len(numbers), _PLACES)]
        self._families: list[Family] = []
        self._taken = 0
        self.own = self._rows[0]

    def begin(self, row: int) -> None:
        """Counts in a row from now on, and on from where another process has left it."""
        self.own = self._rows[row]
        for family in self._families:
            if isinstance(family, Gauge):
                family.forget()

    def add(self, family: "Family", places: int) -> int:
        """The first of so many places, which are the family's from now on."""
        first, self._taken = self._taken, self._taken + places
        if self._taken > _PLACES:
            raise ValueError(f"{self._taken} numbers do not fit into a row of {_PLACES}")
        self._families.append(family)
        return first

    def total(self, place: int) -> float:
        """The sum over all rows."""
        return sum(row[place] for row in self._rows)

    def collect(self) -> Iterator[Metric]:
        """All that was counted."""
        return (family.told() for family in self._families)


class Family(ABC):
    """The numbers of one name in a table: `width` places for each combination of its labels' values."""

    def __init__(
        self, table: Table, name: str, description: str, labels: Mapping[str, Sequence[Value]] = {}, *, width: int = 1
    ) -> None:
        self._table = table
        self._about = name, description
        self._labels = list(labels)
        combinations = list(product(*labels.values()))
        first = table.add(self, len(combinations) * width)
        self._places = {each: first + number * width for number, each in enumerate(combinations)}

    @abstractmethod
    def told(self) -> Metric:
        """The sums, as Prometheus wants them."""

    def _told(self) -> Iterator[tuple[list[str], int]]:
        """Each combination of the labels' values, as text, with its first place."""
        return ((list(map(str, values)), place) for values, place in self._places.items())


class Counter(Family):
    """How often something has happened, or how much of it; what never has is not told where `sparse`."""

    def __init__(
        self,
        table: Table,
        name: str,
        description: str,
        labels: Mapping[str, Sequence[Value]] = {},
        *,
        sparse: bool = False,
    ) -> None:
        super().__init__(table, name, description, labels)
        self._sparse = sparse

    def add(self, *values: Value, amount: float = 1) -> None:
        """Counts one more, or so many."""
        self._table.own[self._places[values]] += amount

    def told(self) -> Metric:
        """The sums over all rows."""
        metric = CounterMetricFamily(*self._about, labels=self._labels)
        for values, place in self._told():
            total = self._table.total(place)
            if total or not self._sparse:
                metric.add_metric(values, total)
        return metric


class Gauge(Family):
    """How many of something there are now."""

    def forget(self) -> None:
        """Forgets those of the process that had the row before."""
        for place in self._places.values():
            self._table.own[place] = 0

    def set(self, amount: float, *values: Value) -> None:
        """Takes note that there are so many."""
        self._table.own[self._places[values]] = amount

    def told(self) -> Metric:
        """The sums over all rows."""
        metric = GaugeMetricFamily(*self._about, labels=self._labels)
        for values, place in self._told():
            metric.add_metric(values, self._table.total(place))
        return metric


class Histogram(Family):
    """How many observations fell between which bounds; behind these places stands their sum."""

    def __init__(
        self,
        table: Table,
        name: str,
        description: str,
        bounds: Sequence[float],
        labels: Mapping[str, Sequence[Value]] = {},
    ) -> None:
        super().__init__(table, name, description, labels, width=len(bounds) + 2)
        self._bounds = bounds

    def observe(self, value: float, *values: Value) -> None:
        """Counts an observation."""
        own, first = self._table.own, self._places[values]
        own[first + bisect_left(self._bounds, value)] += 1
        own[first + len(self._bounds) + 1] += value

    def told(self) -> Metric:
        """The sums over all rows."""
        metric = HistogramMetricFamily(*self._about, labels=self._labels)
        ends = [*map(str, self._bounds), "+Inf"]
        for values, first in self._told():
            counts = accumulate(self._table.total(first + number) for number in range(len(ends)))
            metric.add_metric(values, list(zip(ends, counts, strict=True)), self._table.total(first + len(ends)))
        return metric
