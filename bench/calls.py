"""Calls of api.session_events() as SQL text, and what they say beside the rows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg

from bench.databases import Databases
from bench.polls import Poll

_CASTS = {"since": "::timestamptz", "limit": "::bigint"}


def in_turn(polls: Sequence[Poll]) -> str:
    """A script for pgbench that calls for one of these polls each time; they differ in session and position only."""
    sessions = ",".join(str(poll.session_id) for poll in polls)
    queries = [poll.query(by_cursor=True) for poll in polls]
    arguments = "".join(
        f", p_{name} => ('{{{','.join(query[name] for query in queries)}}}'::text[])[:n]{_CASTS.get(name, '')}"
        for name in queries[0]
    )
    return (
        f"\\set n random(1, {len(polls)})\n"
        f"select * from api.session_events(p_session_id => ('{{{sessions}}}'::uuid[])[:n]{arguments});"
    )


@dataclass(frozen=True)
class Answer:
    """How many rows came, how many there are, and how to go on."""

    returned: int
    total: int
    timestamp: str
    cursor: str


def statement(session_id: UUID, **arguments: str | int) -> str:
    """The call; the arguments are this benchmark's own, never a stranger's."""
    named = "".join(f", {name} => '{value}'" for name, value in arguments.items())
    return f"select * from api.session_events(p_session_id => '{session_id}'{named});"  # noqa: S608


def call(dsn: str, text: str) -> Answer:
    """One call, with its headers."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute(text.encode()).fetchall()
        setting = connection.execute("select current_setting('response.headers')").fetchone()
    values = {name: value for header in json.loads(setting[0] if setting else "[]") for name, value in header.items()}
    return Answer(len(rows), int(values["Total-Count"]), values["Events-Timestamp"], values["Events-Cursor"])


def newest(found: Databases, session_id: UUID) -> str:
    """The timestamp of the newest event, as a client that has seen it would send it."""
    with psycopg.connect(found.parent) as connection:
        row = connection.execute(
            """
            select to_char(max(e."timestamp") at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            from public.events as e where e.session_id = %s
            """,
            [session_id],
        ).fetchone()
    return str(row[0]) if row else ""
