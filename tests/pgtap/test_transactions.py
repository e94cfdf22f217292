"""What one transaction alone cannot show: other writers, and other isolation levels."""

import base64
import json
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event as Flag
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import pytest
from psycopg import IsolationLevel

from stack.postgres import Cluster
from tests.support.rows import START, Event, add_events, add_session
from tests.support.waiting import wait_until

Connection = psycopg.Connection[Any]
TICK = timedelta(microseconds=1)


@pytest.fixture
def reader(scratch_dsn: str) -> Iterator[Connection]:
    """A connection with the rights of PostgREST; every call is a transaction of its own."""
    with psycopg.connect(scratch_dsn, autocommit=True) as connection:
        connection.execute("set role session_events_reader")
        yield connection


@pytest.fixture
def owner(scratch_dsn: str) -> Iterator[Connection]:
    """A connection with the application's rights that commits every statement."""
    with psycopg.connect(scratch_dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def in_flight(scratch_dsn: str) -> Iterator[Connection]:
    """A connection with the application's rights whose transaction stays open."""
    with psycopg.connect(scratch_dsn) as connection:
        yield connection


@pytest.fixture
def session_id(owner: Connection) -> UUID:
    """A session without events."""
    return add_session(owner)


def poll(
    connection: Connection,
    session_id: UUID,
    *,
    since: str | None = None,
    limit: int | None = None,
    cursor: str | None = None,
    walk: str | None = None,
) -> tuple[list[UUID], dict[str, str]]:
    """The ids of a call, and what came beside the rows; `walk` is its p_next."""
    with connection.transaction():
        rows = connection.execute(
            "select id from api.session_events(%s, p_since => %s, p_limit => %s, p_cursor => %s, p_next => %s)",
            [session_id, since, limit, cursor, walk],
        ).fetchall()
        headers = value(connection, "select current_setting('response.headers')")
    return [row[0] for row in rows], {key: text for header in json.loads(headers) for key, text in header.items()}


def polls(connection: Connection, session_ids: list[UUID]) -> list[dict[str, Any]]:
    """The answers of a shared call, without their items."""
    asked = [{"session_id": str(session_id), "limit": "1", "page": "1"} for session_id in session_ids]
    encoded = base64.urlsafe_b64encode(json.dumps(asked).encode()).decode().rstrip("=")
    row = connection.execute("select api.answer_polls(%s)", [encoded], binary=True).fetchone()
    assert row is not None
    answers: list[dict[str, Any]] = json.loads(bytes(row[0]).split(b"\n", 1)[0])["answers"]
    return answers


def value(connection: Connection, query: LiteralString) -> Any:
    """The one value of a query."""
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
def test_isolation_refused(level: IsolationLevel, scratch_dsn: str, session_id: UUID) -> None:
    """A call in a transaction whose snapshot may be older than the horizon should be refused, saying what to do."""
    with psycopg.connect(scratch_dsn) as connection:
        connection.isolation_level = level
        with pytest.raises(psycopg.errors.InvalidTransactionState, match=level.name.replace("_", " ")) as error:
            poll(connection, session_id)
        connection.rollback()
        with pytest.raises(psycopg.errors.InvalidTransactionState):
            polls(connection, [session_id])
    assert error.value.diag.message_hint == (
        "Call it in READ COMMITTED; total and items are of one snapshot there too."
    )


@pytest.mark.parametrize("level", [IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED])
def test_isolation_allowed(level: IsolationLevel, scratch_dsn: str, session_id: UUID) -> None:
    """A call in a read-only transaction of either of the lower levels should be answered."""
    with psycopg.connect(scratch_dsn) as connection:
        connection.isolation_level = level
        connection.read_only = True
        assert poll(connection, session_id)[0] == []
        assert polls(connection, [session_id])[0]["total"] == 0


def test_timestamp_before_writer(
    reader: Connection, in_flight: Connection, owner: Connection, session_id: UUID
) -> None:
    """The timestamp should be strictly before the start of the oldest writer, so that since finds what it commits."""
    event = Event(timestamp=value(in_flight, "select now()"))
    add_events(in_flight, session_id, [event])
    add_events(owner, session_id, [Event(timestamp=datetime.now(UTC))])
    ids, answer = poll(reader, session_id)
    assert event.id not in ids
    assert datetime.fromisoformat(answer["Events-Timestamp"]) == event.timestamp - TICK  # type: ignore[operator]
    in_flight.commit()
    assert event.id in poll(reader, session_id, since=answer["Events-Timestamp"])[0]


def test_timestamp_of_oldest_writer(
    reader: Connection, scratch_dsn: str, in_flight: Connection, session_id: UUID
) -> None:
    """Of several writers the one that began first should decide, not the one that wrote first."""
    began = value(in_flight, "select now()")
    with psycopg.connect(scratch_dsn) as second:
        add_events(second, session_id, [Event()])
        add_events(in_flight, session_id, [Event()])
        assert datetime.fromisoformat(poll(reader, session_id)[1]["Events-Timestamp"]) == began - TICK


def test_youngest_writer_is_seen(owner: Connection, scratch_dsn: str, session_id: UUID) -> None:
    """A writer that is younger than all that have ended should count as one, though no snapshot lists it."""

    def is_unlisted() -> bool:
        with psycopg.connect(scratch_dsn) as youngest:
            add_events(youngest, session_id, [Event()])
            listed, nobody, horizon = owner.execute(
                "select pg_snapshot_xmin(s.now) < pg_snapshot_xmax(s.now), events_internal.nobody_writes(s.now),"
                " h.horizon from (select pg_current_snapshot() as now offset 0) as s,"
                " events_internal.writer_horizon() as h"
            ).fetchone() or (None, None, None)
            assert (nobody, horizon) == (False, value(youngest, "select now()"))
            youngest.rollback()
        return not listed

    wait_until(is_unlisted, "a snapshot that does not list a writer in flight")


def test_nobody_writes(owner: Connection, in_flight: Connection, session_id: UUID) -> None:
    """Once all writers have ended, a prepared one too, the horizon should be the time of the request."""

    def nobody() -> bool:
        return bool(value(owner, "select events_internal.nobody_writes(pg_current_snapshot())"))

    add_events(in_flight, session_id, [Event()])
    in_flight.execute("prepare transaction 'nobody_writes'")
    try:
        assert not nobody()
    finally:
        owner.execute("rollback prepared 'nobody_writes'")
    wait_until(nobody, "no writer in flight")
    assert value(owner, "select h.horizon = h.read_at from events_internal.writer_horizon() as h")


def test_horizon_beside_short_writers(scratch_dsn: str, session_id: UUID) -> None:
    """The horizon should never be later than the time of the request, though all writers began after that was read."""
    stop = Flag()

    def write() -> None:
        with psycopg.connect(scratch_dsn, autocommit=True) as connection:
            while not stop.is_set():
                add_events(connection, session_id, [Event()])

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            for _ in range(40):
                with psycopg.connect(scratch_dsn) as fresh:  # whose first call takes long enough for a writer to begin
                    assert value(fresh, "select horizon <= read_at from events_internal.writer_horizon()")
        finally:
            stop.set()
        writing.result()


def test_timestamp_never_back(reader: Connection, in_flight: Connection, session_id: UUID) -> None:
    """A transaction that begins to write long after it began should not move the timestamp back below since."""
    in_flight.execute("select 1")
    since = poll(reader, session_id)[1]["Events-Timestamp"]
    add_events(in_flight, session_id, [Event()])
    assert poll(reader, session_id)[1]["Events-Timestamp"] < since
    assert poll(reader, session_id, since=since)[1]["Events-Timestamp"] == since


def test_timestamp_not_held_by_readers(
    reader: Connection, in_flight: Connection, cluster: Cluster, session_id: UUID
) -> None:
    """Neither a transaction that only reads nor a writer in another database should hold the timestamp back."""
    with psycopg.connect(cluster.dsn("postgres")) as elsewhere:
        elsewhere.execute("select pg_current_xact_id()")
        in_flight.execute("select 1 from public.sessions")
        before = datetime.now(UTC) - TICK
        assert before <= datetime.fromisoformat(poll(reader, session_id)[1]["Events-Timestamp"]) <= datetime.now(UTC)


def test_prepared_writer(reader: Connection, scratch_dsn: str, owner: Connection, session_id: UUID) -> None:
    """A prepared transaction, whose start is not known, should hold the timestamp below all that the session has."""
    event = Event(timestamp=datetime.now(UTC))
    with psycopg.connect(scratch_dsn) as connection:
        add_events(connection, session_id, [event])
        connection.execute("prepare transaction 'in_flight'")
    since = datetime.now(UTC).isoformat()
    try:
        ids, answer = poll(reader, session_id)
        assert datetime.fromisoformat(answer["Events-Timestamp"]) == START - TICK  # before the session was created
        assert datetime.fromisoformat(poll(reader, session_id, since=since)[1]["Events-Timestamp"]).isoformat() == since
    finally:
        owner.execute("commit prepared 'in_flight'")
    assert event.id not in ids
    assert poll(reader, session_id, since=answer["Events-Timestamp"])[0] == [event.id]
    assert poll(reader, session_id, cursor=answer["Events-Cursor"])[0] == [event.id]


def test_untracked_writer(reader: Connection, scratch_dsn: str, session_id: UUID) -> None:
    """A writer that does not let its start be seen should hold the timestamp back as a prepared one does."""
    with psycopg.connect(scratch_dsn, options="-c track_activities=off") as untracked:
        add_events(untracked, session_id, [Event()])
        assert datetime.fromisoformat(poll(reader, session_id)[1]["Events-Timestamp"]) == START - TICK


def test_cursor_finds_late_commit(
    reader: Connection, in_flight: Connection, owner: Connection, session_id: UUID
) -> None:
    """A cursor should find what was in flight, whatever its timestamp, and then say nothing twice."""
    late, seen = Event(timestamp=datetime(1999, 1, 1, tzinfo=UTC)), Event()
    add_events(in_flight, session_id, [late])
    add_events(owner, session_id, [seen])
    ids, answer = poll(reader, session_id)
    assert ids == [seen.id]
    in_flight.commit()
    ids, answer = poll(reader, session_id, cursor=answer["Events-Cursor"])
    assert ids == [late.id]
    assert poll(reader, session_id, cursor=answer["Events-Cursor"])[0] == []


def test_cursor_of_a_writer(in_flight: Connection, owner: Connection, session_id: UUID) -> None:
    """A cursor that a writing transaction took for itself should find what that transaction writes next."""
    before, after = Event(), Event()
    add_events(in_flight, session_id, [before])
    add_events(owner, session_id, [Event()])  # a younger transaction that ends first
    _, answer = poll(in_flight, session_id)
    add_events(in_flight, session_id, [after])
    in_flight.commit()
    assert after.id in poll(owner, session_id, cursor=answer["Events-Cursor"])[0]


def test_cursor_of_rolled_back_writer(reader: Connection, in_flight: Connection, session_id: UUID) -> None:
    """What is rolled back should never come."""
    add_events(in_flight, session_id, [Event()])
    _, answer = poll(reader, session_id)
    in_flight.rollback()
    assert poll(reader, session_id, cursor=answer["Events-Cursor"])[0] == []


def test_walk_beside_writers(reader: Connection, in_flight: Connection, owner: Connection, session_id: UUID) -> None:
    """What commits during a walk should shift none of its pages, and then be told by its cursor."""
    events = [Event(timestamp=START + number * TICK) for number in range(5)]
    late, new = Event(timestamp=START + TICK), Event(timestamp=START + timedelta(days=1))
    add_events(owner, session_id, events)
    add_events(in_flight, session_id, [late])
    ids, first = poll(reader, session_id, limit=2)
    in_flight.commit()
    add_events(owner, session_id, [new])
    answer = first
    while "Events-Next" in answer:
        page, answer = poll(reader, session_id, walk=answer["Events-Next"])
        ids += page
        for name in ("Total-Count", "Events-Cursor", "Events-Timestamp"):
            assert answer[name] == first[name]
    assert ids == [event.id for event in reversed(events)]
    assert poll(reader, session_id, cursor=first["Events-Cursor"])[0] == [new.id, late.id]


def test_changed_during_walk(reader: Connection, owner: Connection, session_id: UUID) -> None:
    """A row that is changed during a walk should be missing from its pages, and be told by its cursor."""
    events = [Event(timestamp=START + number * TICK) for number in range(4)]
    add_events(owner, session_id, events)
    ids, first = poll(reader, session_id, limit=2)
    owner.execute("update public.events set message = 'changed' where id = %s", [events[1].id])
    page, answer = poll(reader, session_id, walk=first["Events-Next"])
    assert ids + page == [events[3].id, events[2].id, events[0].id]
    assert "Events-Next" not in answer
    assert poll(reader, session_id, cursor=first["Events-Cursor"])[0] == [events[1].id]


def test_one_snapshot_for_all(reader: Connection, scratch_dsn: str, owner: Connection, session_id: UUID) -> None:
    """All answers of a shared call should be of one snapshot, whatever commits while it is answered."""
    other = add_session(owner)
    stop = Flag()

    def write() -> None:
        with psycopg.connect(scratch_dsn) as connection:
            while not stop.is_set():
                add_events(connection, session_id, [Event()])
                add_events(connection, other, [Event()])
                connection.commit()

    totals: set[int] = set()
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        try:
            while len(totals) < 20 and not writing.done():
                answers = polls(reader, [session_id, other] * 10)
                assert len({answer["total"] for answer in answers}) == 1
                totals.add(answers[0]["total"])
        finally:
            stop.set()
        writing.result()
    assert len(totals) == 20


def test_status_of_last_transaction_forgotten(reader: Connection) -> None:
    """On a connection that PostgREST has used, a missing session should be an error again outside of PostgREST."""
    with reader.transaction():
        reader.execute("select set_config('request.method', 'GET', true)")
        assert reader.execute("select api.session_events(%s)", [uuid.uuid4()]).fetchall() == []
    with pytest.raises(psycopg.errors.NoDataFound, match="Session not found"):
        reader.execute("select api.session_events(%s)", [uuid.uuid4()])
