"""What our column and our indexes cost the parent product's writes."""

import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import psycopg

from bench import steps, targets
from bench.databases import SQL, Databases, fill, vacuum
from bench.parts.adoption import OURS_ON_EVENTS
from bench.pgbench import latencies
from bench.result import Figure, Figures, Result, Setting
from bench.rounds import alternate, ratio, spread
from bench.scale import Scale
from bench.tables import Cell, Table
from stack.migrations import changes

# The sessions that are written to in turn, as in the scripts.
_SESSIONS = [UUID(int=number) for number in range(100, 120)]
_PARENT = "the parent's table and indexes"
_WITHOUT = "all of these, and the parent's ix_events_session_id dropped"
_BATCH = 100
_IN_BATCHES, _ONE = f"{_BATCH} rows a commit", "one row a commit"


@dataclass(frozen=True)
class Way:
    """A way to write: a script for pgbench, the rows a transaction, transactions a round, and PGOPTIONS."""

    script: str
    rows: int
    transactions: int
    options: str = ""


def _ways(scale: Scale) -> dict[str, Way]:
    """The batches come first: they reach every page, which then is in WAL as a whole before the others are measured."""
    return {
        _IN_BATCHES: Way("insert_batch.sql", _BATCH, scale.batches),
        _ONE: Way("insert_one.sql", 1, scale.inserts),
        # Waiting for the disk hides what the rest costs.
        f"{_ONE}, synchronous_commit off": Way("insert_one.sql", 1, 8 * scale.inserts, "-c synchronous_commit=off"),
    }


@dataclass(frozen=True)
class Cost:
    """Per inserted row: milliseconds, and bytes of WAL."""

    milliseconds: float
    wal: float


# By way and variant.
Costs = Mapping[str, Mapping[str, list[Cost]]]


def measure(setting: Setting) -> Result:
    """The price of an insert, and the size of each index."""
    found, scale = setting.found, setting.scale
    with _variants(found, scale) as databases:
        fullest = databases[_everything()]
        built, before = _index_sizes(fullest), _events(fullest)
        costs = {name: _costs(databases, way, scale.rounds) for name, way in _ways(scale).items()}
        grown, after = _index_sizes(fullest), _events(fullest)
    sizes: list[list[Cell]] = [
        [name, size / before, (grown[name] - size) / (after - before)] for name, size in built.items()
    ]
    table = Table(
        "index-sizes",
        "Bytes per event in each index",
        ["index", "when built", "when grown by inserts"],
        sizes,
        f"Of {before:,} events when built, and of {after - before:,} events more, inserted at the end of"
        f" {len(_SESSIONS)} sessions in turn.",
    )
    return Result([_prices(costs, scale), table], _figures(costs))


def _figures(costs: Costs) -> Figures:
    """Of everything that we add, against the parent's table."""

    def time(way: str) -> Figure:
        parent, ours = costs[way][_PARENT], costs[way][_everything()]
        return Figure(ratio([cost.milliseconds for cost in ours], [cost.milliseconds for cost in parent]))

    def wal(way: str) -> Figure:
        parent, ours = costs[way][_PARENT], costs[way][_everything()]
        return Figure(ratio([cost.wal for cost in ours], [cost.wal for cost in parent]))

    return {
        targets.WRITE_ONE: time(_ONE),
        targets.WRITE_BATCH: time(_IN_BATCHES),
        targets.WRITE_WAL_ONE: wal(_ONE),
        targets.WRITE_WAL_BATCH: wal(_IN_BATCHES),
    }


def _prices(costs: Costs, scale: Scale) -> Table:
    rows: list[list[Cell]] = []
    for way, variants in costs.items():
        base = next(iter(variants.values()))
        for variant, measured in variants.items():
            milliseconds = [cost.milliseconds for cost in measured]
            wal = statistics.median(cost.wal for cost in measured)
            ratios = ratio(milliseconds, [cost.milliseconds for cost in base])
            rows.append(
                [
                    way,
                    variant,
                    spread(value * 1000 for value in milliseconds),
                    ratios,
                    wal,
                    wal / statistics.median(cost.wal for cost in base),
                ]
            )
    return Table(
        "writes",
        "What an insert costs with each of our additions",
        ["commits", "table", "µs a row", "ratio to the parent's", "WAL bytes a row", "ratio"],
        rows,
        f"Medians of {scale.rounds} rounds with the least and the greatest; additions accumulate downwards. WAL without"
        " most full-page images: every page was changed once before, after the last checkpoint.",
    )


def _costs(databases: Mapping[str, str], way: Way, rounds: int) -> dict[str, list[Cost]]:
    """One round more than asked for, since the first after a checkpoint writes every page to WAL as a whole."""
    contenders = {name: partial(_insert, dsn, way) for name, dsn in databases.items()}
    return {name: costs[1:] for name, costs in alternate(contenders, 1 + rounds).items()}


def _insert(dsn: str, way: Way) -> Cost:
    script = SQL.joinpath(way.script).read_text()
    with psycopg.connect(dsn, autocommit=True) as connection:
        before = _wal_position(connection)
        taken = latencies(dsn, script, way.transactions, options=way.options)
        wal = _wal_position(connection) - before
    return Cost(statistics.median(taken) / way.rows, wal / (way.transactions * way.rows))


@contextmanager
def _variants(found: Databases, scale: Scale) -> Iterator[dict[str, str]]:
    """A filled database for each variant, by its name; dropped afterwards."""
    template = "writes"
    variants = _steps()
    names = {variant: f"{template}_{step}" for variant, step in variants.items()} | {_WITHOUT: f"{template}_without"}
    found.server.create_database(template)
    try:
        steps.deploy(found.server.dsn(template), steps.PARENT)
        fill(found.server.dsn(template), _SESSIONS, max(scale.typical // 2, 1))
        for variant, step in variants.items():
            found.server.create_database(names[variant], template=template)
            dsn = found.server.dsn(names[variant])
            plan = changes()
            steps.deploy(dsn, plan[: plan.index(step) + 1])
            vacuum(dsn)
        # The beginning of events_by_time: whoever runs the parent product may drop it.
        found.server.create_database(names[_WITHOUT], template=names[list(variants)[-1]])
        with psycopg.connect(found.server.dsn(names[_WITHOUT]), autocommit=True) as connection:
            connection.execute("drop index public.ix_events_session_id")
        vacuum(found.server.dsn(names[_WITHOUT]))
        yield {variant: found.server.dsn(name) for variant, name in names.items()}
    finally:
        with psycopg.connect(found.server.dsn("postgres"), autocommit=True) as connection:
            for name in [template, *names.values()]:
                connection.execute(f"drop database if exists {name} with (force)".encode())


def _steps() -> dict[str, str]:
    """The variants of the table, each by the last step that was deployed: one more for each of ours that touches it."""
    return {_PARENT: steps.PARENT[-1]} | {f"+ {step}": step for step in changes() if step.startswith(OURS_ON_EVENTS)}


def _everything() -> str:
    """The variant with all that we add."""
    return list(_steps())[-1]


def _wal_position(connection: psycopg.Connection) -> int:
    row = connection.execute("select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint").fetchone()
    return int(row[0]) if row else 0


def _events(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("select count(*) from public.events").fetchone()
    return int(row[0]) if row else 0


def _index_sizes(dsn: str) -> dict[str, int]:
    """Bytes by name, the parent's first."""
    with psycopg.connect(dsn) as connection:
        return dict(
            connection.execute(
                """
                select i.indexrelid::regclass::text, pg_relation_size(i.indexrelid) from pg_index as i
                where i.indrelid = 'public.events'::regclass order by i.indexrelid
                """
            ).fetchall()
        )
