"""One table with sessions of 10, 10,000 and 1,000,000 events, adopted as a parent product's table would be."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psycopg

from stack import migrations

ROOT = Path(__file__).resolve().parents[2]
SIZES = (10, 10_000, 1_000_000)
# Every hundredth event is an error: types are as skewed as in real sessions.
ERRORS_EVERY = 100


@dataclass(frozen=True)
class LargeDatabase:
    """A migrated and vacuumed database; `sessions` has the session of each size."""

    dsn: str
    sessions: dict[int, UUID]


def fill(dsn: str) -> LargeDatabase:
    """Makes the parent's tables, fills them, and deploys on top."""
    sessions = {size: UUID(int=size) for size in SIZES}
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set synchronous_commit = off")
        for table in ("sessions", "steps", "events"):
            connection.execute((ROOT / "db/migrations/deploy" / f"{table}.sql").read_bytes())
        for size, session_id in sessions.items():
            connection.execute(
                "insert into public.sessions values"
                " (%s, 'unit_tests', 'in_progress', 'autonomous', '/srv/shop', '{}', null, null, now(), now(), null)",
                [session_id],
            )
            connection.execute(
                "insert into public.events"
                " select gen_random_uuid(), %(id)s, null, case when n %% %(every)s = 0 then 'error' else 'info' end,"
                " jsonb_build_object('n', n, 'file', 'src/main/java/Shop.java'), 'event ' || n,"
                " timestamptz '2026-01-13 14:30:00Z' + n * interval '10 ms'"
                " from generate_series(1, %(size)s) as n",
                {"id": session_id, "size": size, "every": ERRORS_EVERY},
            )
    migrations.deploy(dsn)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("vacuum (analyze) public.events")
    return LargeDatabase(dsn, sessions)
