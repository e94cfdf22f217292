"""What our column and our indexes cost the parent product's writes."""

import statistics
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import psycopg

from bench import steps
from bench.databases import SQL, Databases, fill, vacuum
from bench.pgbench import latencies
from bench.rounds import alternate, ratio, spread
from bench.scale import Scale
from bench.tables import Cell, Table

# The sessions that are written to in turn, as in the scripts.
_SESSIONS = [UUID(int=number) for number in range(100, 120)]
# What the table has, cumulatively: the name of the last step that was deployed.
_VARIANTS = {
    "the parent's table and indexes": "events",
    "+ column insert_xid": "events_insert_xid",
    "+ index events_by_time": "events_by_time",
    "+ index events_by_type": "events_by_type",
    "+ index events_by_xid": "events_by_xid",
}
BATCH = 100


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
        f"{BATCH} rows a commit": Way("insert_batch.sql", BATCH, scale.batches),
        "one row a commit": Way("insert_one.sql", 1, scale.inserts),
        # Waiting for the disk hides what the rest costs.
        "one row a commit, synchronous_commit off": Way(
            "insert_one.sql", 1, 8 * scale.inserts, "-c synchronous_commit=off"
        ),
    }


@dataclass(frozen=True)
class Cost:
    """Per inserted row: milliseconds, and bytes of WAL."""

    milliseconds: float
    wal: float


def measure(found: Databases, scale: Scale) -> list[Table]:
    """The price of an insert, and the size of each index."""
    with _variants(found, scale) as databases:
        fullest = databases[list(_VARIANTS)[-1]]
        built, before = _index_sizes(fullest), _events(fullest)
        costs = {name: _costs(databases, way, scale.rounds) for name, way in _ways(scale).items()}
        grown, after = _index_sizes(fullest), _events(fullest)
    sizes: list[list[Cell]] = [
        [name, size / before, (grown[name] - size) / (after - before)] for name, size in built.items()
    ]
    return [
        _prices(costs, scale),
        Table(
            "index-sizes",
            "Bytes per event in each index",
            ["index", "when built", "when grown by inserts"],
            sizes,
            f"Of {before:,} events when built, and of {after - before:,} events more, inserted at the end of"
            f" {len(_SESSIONS)} sessions in turn.",
        ),
    ]


def _prices(costs: Mapping[str, Mapping[str, list[Cost]]], scale: Scale) -> Table:
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
    names = {variant: f"{template}_{step}" for variant, step in _VARIANTS.items()}
    found.server.create_database(template)
    try:
        steps.deploy(found.server.dsn(template), steps.PARENT)
        ids = {"large_ids": [UUID(int=2)], "small_ids": [UUID(int=1)], "typical_ids": _SESSIONS}
        fill(found.server.dsn(template), {**ids, "large": 0, "small": 0, "typical": max(scale.typical // 2, 1)})
        for variant, step in _VARIANTS.items():
            found.server.create_database(names[variant], template=template)
            dsn = found.server.dsn(names[variant])
            plan = steps.plan()
            steps.deploy(dsn, plan[: plan.index(step) + 1])
            vacuum(dsn)
        yield {variant: found.server.dsn(name) for variant, name in names.items()}
    finally:
        with psycopg.connect(found.server.dsn("postgres"), autocommit=True) as connection:
            for name in [template, *names.values()]:
                connection.execute(f"drop database if exists {name} with (force)".encode())


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
