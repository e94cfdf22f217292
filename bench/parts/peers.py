"""This product beside its peers: the same data, the same questions, the same answers, one load."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bench import targets
from bench.cases import CASES, MANY, Case
from bench.chart import bars
from bench.contenders import CONTENDERS, PRODUCT, Contender, Running, Served, check_agreement, contenders
from bench.load import Load
from bench.peers import servers
from bench.polls import IDLE_EACH, Poll, questions
from bench.processor import POSTGRESQL, between, spent
from bench.result import Figure, Figures, Result, Setting
from bench.rounds import Spread, alternate, number, ratio, spread
from bench.scale import Scale
from bench.tables import Cell, Table

_ROLES = (servers.PYTHON, servers.POSTGREST, POSTGRESQL)


@dataclass(frozen=True)
class Met:
    """A load, and the milliseconds of processor time that each request took, by role."""

    load: Load
    processor: Mapping[str, float]


@dataclass(frozen=True)
class Measured:
    """What the contenders of a case met, round by round."""

    case: Case
    met: Mapping[str, Sequence[Met]]

    def speeds(self, name: str) -> list[float]:
        """Good answers a second."""
        return [one.load.per_second for one in self.met[name]]

    def ratio(self, name: str) -> Spread:
        """To the better of the hand-written peers: the one with the greater median."""
        peers = [self.speeds(peer.name) for peer in CONTENDERS if peer.is_peer]
        return ratio(self.speeds(name), max(peers, key=lambda speeds: spread(speeds).median))

    def errors(self, name: str) -> int:
        """Of all rounds."""
        return sum(one.load.errors for one in self.met[name])


def measure(setting: Setting) -> Result:
    """Requests a second for each case, what they had to wait, and what they cost."""
    cases = CASES if setting.whole else targets.needed(CASES)
    with contenders(setting.found, setting.load) as running:
        answering = {
            contender.name: at_work
            for contender, at_work in running.items()
            if contender.answers and isinstance(at_work, Served)
        }
        asked = questions(setting.found, answering[PRODUCT].answer)
        for question, polls in asked.items():
            check_agreement(question, polls[0], answering)
        measured = [_measured(case, asked[case.question], running, setting) for case in cases]
    figures: Figures = {one.case: Figure(one.ratio(PRODUCT), one.errors(PRODUCT)) for one in measured}
    fast = next(one for one in measured if one.case == Case(IDLE_EACH, MANY))
    figures[targets.SPEED] = Figure(spread(fast.speeds(PRODUCT)), fast.errors(PRODUCT))
    return Result(_tables(measured, setting.scale), figures, {"peers": _chart(measured, setting.scale)})


def _measured(case: Case, polls: Sequence[Poll], running: Mapping[Contender, Running], setting: Setting) -> Measured:
    loads = {
        contender.name: partial(_met, at_work, polls, case.connections(setting.scale), setting)
        for contender, at_work in running.items()
        if contender.takes(case)
    }
    return Measured(case, alternate(loads, setting.scale.rounds))


def _met(running: Running, polls: Sequence[Poll], connections: int, setting: Setting) -> Met:
    server = setting.found.server
    before = spent(running.pids, server)
    load = running.load(polls, connections=connections, seconds=setting.scale.seconds)
    taken = between(before, spent(running.pids, server))
    return Met(load, {role: seconds * 1000 / max(load.requests, 1) for role, seconds in taken.items()})


def _tables(measured: Sequence[Measured], scale: Scale) -> list[Table]:
    names = [contender.name for contender in CONTENDERS]

    def table(key: str, title: str, cell: Callable[[Measured, str], Cell], note: str) -> Table:
        rows = [
            [one.case.name(scale), *(cell(one, name) if name in one.met else None for name in names)]
            for one in measured
        ]
        return Table(key, title, ["request", *names], rows, note)

    return [
        table(
            "ratios",
            f"Answers a second, as ratios to the better hand-written peer, in a table of {scale.events:,} events",
            Measured.ratio,
            f"Medians of {scale.rounds} rounds of {scale.seconds:g} s, one server after the other in each round, with"
            " the least and the greatest. Before the first round all servers gave the same events.",
        ),
        table("speeds", "Answers a second", _speed, "Medians of the same rounds; only good answers count."),
        table("latencies", "What those requests took, in ms", _latencies, "p50 / p95 / p99, medians of the rounds."),
        table(
            "processor",
            "Processor time of each of those requests, in ms",
            _processor,
            f"Together = {' + '.join(_ROLES)}; Python is the proxy or the peer. Processor time suffers less than speed"
            " from what else the machine does.",
        ),
    ]


def _speed(measured: Measured, name: str) -> Cell:
    speed, errors = number(spread(measured.speeds(name)).median), measured.errors(name)
    return f"{speed} ({errors:,} errors)" if errors else speed


def _latencies(measured: Measured, name: str) -> Cell:
    loads = [one.load for one in measured.met[name]]
    percentiles = ([load.p50 for load in loads], [load.p95 for load in loads], [load.p99 for load in loads])
    return " / ".join(number(spread(values).median) for values in percentiles)


def _processor(measured: Measured, name: str) -> Cell:
    costs = [one.processor for one in measured.met[name]]
    together = spread(sum(cost.values()) for cost in costs).median
    roles = [spread(cost.get(role, 0) for cost in costs).median for role in _ROLES]
    taking = [number(role) for role in roles if role]
    return f"{number(together)} = {' + '.join(taking)}" if len(taking) > 1 else number(together)


def _chart(measured: Sequence[Measured], scale: Scale) -> str:
    """Of the cases that have a target: all of them would fill pages."""
    shown = [one for one in measured if one.case in targets.needed(CASES)]
    groups = {one.case.name(scale): {name: one.ratio(name) for name in one.met} for one in shown}
    return bars("Answers a second, as ratios to the better hand-written peer (logarithmic)", groups)
