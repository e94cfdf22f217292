"""The parent product's database: adopted as it stands, and given back as it was."""

from typing import Any, LiteralString
from uuid import uuid4

import psycopg
import pytest

from stack import migrations
from stack.errors import StackError
from tests.migrations.scripts import deploy, dump, fingerprint, psql, query, revert, run, script
from tests.support.rows import Event, add_events, add_session, add_step

SESSION = "00000000-0000-4000-8000-000000000001"


COUNTS: dict[str, LiteralString] = {
    "sessions": "select count(*) from public.sessions",
    "steps": "select count(*) from public.steps",
    "events": "select count(*) from public.events",
}


def rows(dsn: str) -> list[tuple[Any, ...]]:
    """The parent's rows and its own columns of them, as they are stored."""
    return [
        *query(dsn, "select 'sessions', s.ctid::text, s::text from public.sessions as s order by s.id"),
        *query(dsn, "select 'steps', s.ctid::text, s::text from public.steps as s order by s.id"),
        *query(
            dsn,
            "select 'events', e.ctid::text, row(e.id, e.session_id, e.step_id, e.event_type, e.event_data, e.message,"
            " e.timestamp)::text from public.events as e order by e.id",
        ),
    ]


def counts(dsn: str) -> dict[str, int]:
    """How many rows each of the three tables holds, of those that are there."""
    return {name: query(dsn, COUNTS[name])[0][0] for name in tables(dsn)}


def tables(dsn: str) -> set[str]:
    """Which of the three tables are there."""
    statement: LiteralString = (
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'"
    )
    return {row[0] for row in query(dsn, statement)}


def test_adoption_and_return(parent: str) -> None:
    """Adopting should neither rewrite a table nor change a row, and the revert should leave all as it was."""
    files: LiteralString = (
        "select pg_relation_filenode(r) from unnest(array['sessions', 'steps', 'events']::regclass[]) as r"
    )
    schema, stored, nodes = dump(parent), rows(parent), query(parent, files)
    migrations.deploy(parent)
    assert rows(parent) == stored
    assert query(parent, files) == nodes
    assert query(
        parent, "select count(*) from api.session_events((select min(id::text)::uuid from sessions), p_limit => 1000)"
    ) == [(1000,)]
    migrations.revert(parent)
    assert rows(parent) == stored
    assert query(parent, files) == nodes
    assert dump(parent) == schema


def test_application_unaware(parent: str) -> None:
    """What the application writes without knowing of our column should work, before and after a second adoption."""
    for _ in range(2):
        deploy(parent)
        with psycopg.connect(parent) as connection:
            session_id = add_session(connection)
            step_id = add_step(connection, session_id)
            add_events(connection, session_id, [Event(step_id=step_id)])
            connection.execute(
                "insert into events values (%s, %s, %s, 'info', '{}', null, now())", [uuid4(), session_id, step_id]
            )
            xids = connection.execute(
                "select distinct insert_xid = pg_current_xact_id() from events where session_id = %s", [session_id]
            ).fetchall()
        assert xids == [(True,)]
        revert(parent)


def test_rows_from_before_are_not_news(parent: str) -> None:
    """A cursor taken after the adoption should not tell the rows from before it."""
    deploy(parent)
    with psycopg.connect(parent) as connection:
        connection.execute("select from api.session_events(%s, p_limit => 1)", [SESSION])
        row = connection.execute("select substring(current_setting('response.headers') from 'Cursor\" : \"([^\"]+)')")
        cursor = row.fetchone()
        assert cursor is not None
        news = connection.execute("select count(*) from api.session_events(%s, p_cursor => %s)", [SESSION, cursor[0]])
        assert news.fetchone() == (0,)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("autovacuum_vacuum_insert_threshold", "77"),
        ("autovacuum_vacuum_insert_scale_factor", "0.5"),
        ("autovacuum_analyze_scale_factor", "0.05"),
        ("fillfactor", "90"),
    ],
)
def test_storage_settings_kept(setting: str, value: str, parent: str) -> None:
    """Storage settings that the parent product made should win over ours, and survive the revert."""
    options: LiteralString = "select reloptions from pg_class where oid = 'public.events'::regclass"
    assert psql(parent, "--command", f"alter table events set ({setting} = {value})").returncode == 0
    for change in ("roles", "schemas", "execute_patiently", "events_autovacuum"):
        run(parent, script("deploy", change))
    run(parent, script("verify", "events_autovacuum"))
    assert f"{setting}={value}" in query(parent, options)[0][0]
    run(parent, script("revert", "events_autovacuum"))
    assert query(parent, options) == [([f"{setting}={value}"],)]


def test_empty_tables_go(deployed: str) -> None:
    """Tables that the deploy made and that are empty should go with the revert."""
    assert tables(deployed) == {"sessions", "steps", "events"}
    revert(deployed)
    assert tables(deployed) == set()


@pytest.mark.parametrize("holding", ["sessions", "steps", "events", "all"])
def test_tables_with_rows_stay(holding: str, deployed: str) -> None:
    """A table that holds rows should stay, with them and with what they refer to, though the deploy made it."""
    with psycopg.connect(deployed) as connection:
        session_id = add_session(connection)
        step_id = add_step(connection, session_id) if holding in {"steps", "all"} else None
        if holding in {"events", "all"}:
            add_events(connection, session_id, [Event(step_id=step_id)])
    before = counts(deployed)
    revert(deployed)
    left = counts(deployed)
    assert left.items() <= before.items()
    assert {name for name, count in before.items() if count} <= left.keys()
    deploy(deployed)
    assert counts(deployed) == before


@pytest.mark.parametrize(
    ("table", "column", "breakage"),
    [
        ("sessions", "status", "alter table sessions rename status to state"),
        ("sessions", "created_at", "alter table sessions alter column created_at type timestamp"),
        ("steps", "session_id", "alter table steps drop column session_id"),
        ("events", "timestamp", "alter table events alter column timestamp type timestamp"),
        ("events", "event_data", "alter table events alter column event_data type json"),
        ("events", "message", "alter table events drop column message"),
    ],
)
def test_other_shape_refused(table: str, column: str, breakage: str, parent: str) -> None:
    """A table of another shape should stop the deploy, which says what is wrong and leaves nothing behind."""
    assert psql(parent, "--command", breakage).returncode == 0
    before = fingerprint(parent)
    with pytest.raises(StackError) as error:
        migrations.deploy(parent)
    assert fingerprint(parent) == before
    assert f"public.{table}" in str(error.value)
    assert column in str(error.value)
