"""This product beside its peers: the same data, the same questions, the same answers, one load."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bench.contenders import BASE, IDLE, POSTGREST, Asked, check_agreement, contenders, questions
from bench.databases import Databases
from bench.load import Generator, Load
from bench.peers import servers
from bench.processor import POSTGRESQL, between, spent
from bench.rounds import alternate, ratio, spread
from bench.scale import Scale
from bench.tables import Cell, Table
from stack.postgres import Cluster

_LIMIT_MS = 500
_ROLES = (servers.PYTHON, servers.POSTGREST, POSTGRESQL)
_COLUMNS = ("server", "requests/s", f"ratio to {BASE}", "p50, ms", "p95", "p99", "errors")


@dataclass(frozen=True)
class Met:
    """A load, and the milliseconds of processor time that each request took, by role."""

    load: Load
    processor: Mapping[str, float]

    @property
    def together(self) -> float:
        """Of all roles."""
        return sum(self.processor.values())


def measure(found: Databases, scale: Scale, load: Generator) -> list[Table]:
    """Requests a second for each question, and what they cost; then a hundred pollers."""
    with contenders(found) as who:
        asked = questions(found, who)
        for question, by_name in asked.items():
            check_agreement(question, {name: one.url for name, one in by_name.items()})
        usual = partial(load, connections=scale.connections, seconds=scale.seconds)
        met = {question: _meet(by_name, usual, found.server, scale.rounds) for question, by_name in asked.items()}
        pollers = {name: one for name, one in asked[IDLE].items() if not name.startswith(POSTGREST)}
        crowd = _crowd(pollers, found.server, scale, load)
    return [
        Table(
            "peers",
            f"A session of {scale.typical:,} events in a table of {scale.events:,}, {scale.connections} connections",
            ["request", *_COLUMNS],
            [row for question, results in met.items() for row in _speeds(question, results)],
            f"Medians of {scale.rounds} rounds of {scale.seconds:g} s, one server after the other in each round, with"
            " the least and the greatest ratio. Without a cursor a poll is asked with `since`."
            " Before the first round all servers gave the same events.",
        ),
        Table(
            "processor",
            "Processor time of one request in the rounds above, in ms",
            ["request", "server", *_ROLES, "together", f"ratio to {BASE}"],
            [row for question, results in met.items() for row in _costs(question, results)],
            "Python is the proxy or the hand-written endpoint. Processor time suffers less than speed from what else"
            " the machine does.",
        ),
        crowd,
    ]


def _crowd(pollers: Mapping[str, Asked], server: Cluster, scale: Scale, load: Generator) -> Table:
    eager = partial(load, connections=scale.pollers, seconds=scale.seconds)
    patient = partial(load, connections=scale.pollers, seconds=scale.paced_seconds, pace=scale.pace)
    return Table(
        "pollers",
        f"{scale.pollers} concurrent pollers that find nothing new (SC-001, SC-003)",
        ["pollers", *_COLUMNS],
        [
            *_speeds(f"{scale.pollers} at once, without a pause", _meet(pollers, eager, server, scale.rounds)),
            *_speeds(
                f"{scale.pollers}, one request every {scale.pace:g} s each",
                _meet(pollers, patient, server, 1),
                paced=True,
            ),
        ],
        f"SC-001 asks for a 95th percentile below {_LIMIT_MS} ms, SC-003 for no errors.",
    )


def _meet(
    asked: Mapping[str, Asked], load: Callable[[str], Load], server: Cluster, rounds: int
) -> dict[str, list[Met]]:
    return alternate({name: partial(_met, one, load, server) for name, one in asked.items()}, rounds)


def _met(asked: Asked, load: Callable[[str], Load], server: Cluster) -> Met:
    before = spent(asked.server.pids, server)
    found = load(asked.url)
    taken = between(before, spent(asked.server.pids, server))
    return Met(found, {role: seconds * 1000 / found.requests for role, seconds in taken.items()})


def _speeds(question: str, results: Mapping[str, Sequence[Met]], *, paced: bool = False) -> list[Sequence[Cell]]:
    loads = {name: [one.load for one in met] for name, met in results.items()}
    base = [load.per_second for load in loads[BASE]]
    rows: list[Sequence[Cell]] = []
    for name, measured in loads.items():
        speeds = [load.per_second for load in measured]
        rows.append(
            [
                question,
                name,
                spread(speeds).median,
                # Everyone keeps pace there.
                None if paced else ratio(speeds, base),
                spread(load.p50 for load in measured).median,
                spread(load.p95 for load in measured).median,
                spread(load.p99 for load in measured).median,
                sum(load.errors for load in measured),
            ]
        )
    return rows


def _costs(question: str, results: Mapping[str, Sequence[Met]]) -> list[Sequence[Cell]]:
    base = [met.together for met in results[BASE]]
    rows: list[Sequence[Cell]] = []
    for name, measured in results.items():
        by_role = [
            spread(met.processor[role] for met in measured).median if role in measured[0].processor else None
            for role in _ROLES
        ]
        together = [met.together for met in measured]
        rows.append([question, name, *by_role, spread(together).median, ratio(together, base)])
    return rows
