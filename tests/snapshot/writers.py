"""Writers whose every committed state keeps an invariant that only a read of one snapshot can see."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import psycopg

# The session holds whole batches only; it is active while they are an even number.
BATCH = 7
MOST_HELD = 20
STATUS = {0: "in_progress", 1: "completed"}
# In one statement, for as many commits a second as can be; all over the page, not only at its top.
INSERT = """
insert into public.events (id, session_id, event_type, event_data, timestamp)
select gen_random_uuid(), %s, 'info', '{}', timestamptz '2026-01-13T14:30Z' + random() * interval '1 second'
from generate_series(1, %s)
returning id
"""


@contextmanager
def at_work(dsn: str, session_id: UUID) -> Iterator[None]:
    """Three writers that insert and delete without a pause; at the end none has failed."""
    stop = threading.Event()
    with ThreadPoolExecutor() as threads:
        writers = [threads.submit(_write, dsn, session_id, batches, stop) for batches in (1, 2, 2)]
        try:
            yield
        finally:
            stop.set()
    for writer in writers:
        writer.result()


def _write(dsn: str, session_id: UUID, batches: int, stop: threading.Event) -> None:
    """One writer: each transaction inserts or deletes so many batches; an odd number also toggles the status."""
    held: list[list[UUID]] = []
    status = 0
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set synchronous_commit = off")
        while not stop.is_set():
            with connection.transaction():
                _insert_or_delete(connection, session_id, batches, held)
                if batches % 2:
                    # Only one writer has an odd number, so nobody else sets it.
                    status = 1 - status
                    update = "update public.sessions set status = %s where id = %s"
                    connection.execute(update, [STATUS[status], session_id])


def _insert_or_delete(
    connection: psycopg.Connection[Any], session_id: UUID, batches: int, held: list[list[UUID]]
) -> None:
    """Keeps up to MOST_HELD times so many batches."""
    if len(held) < random.randint(1, MOST_HELD):
        held.append([event_id for (event_id,) in connection.execute(INSERT, [session_id, batches * BATCH])])
    else:
        gone = held.pop(random.randrange(len(held)))
        connection.execute("delete from public.events where id = any(%s)", [gone])
