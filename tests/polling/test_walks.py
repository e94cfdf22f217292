"""`next` walks the snapshot of a walk's first answer, whatever is written, changed and deleted meanwhile."""

import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any
from uuid import UUID

import psutil
import psycopg
import pytest

from stack.postgres import Cluster
from tests.polling.changer import Changer, changing
from tests.polling.conftest import DATABASE
from tests.polling.pollers import CursorPoller, Told, Walker, call, committed_events
from tests.polling.states import flush_wal, until, wait_for_replay
from tests.polling.test_crash import burn_transaction_ids
from tests.polling.test_lossless import poll_until
from tests.polling.writers import Writer, finish, writing
from tests.support.rows import START, Event, add_events, add_session, newest_first, spread

Connection = psycopg.Connection[Any]

LIMIT = 7
MANY = 4 * LIMIT + 1


def walked(connection: Connection, session_id: UUID, **first: object) -> list[Told]:
    """All that one walk tells, from a first answer with these arguments."""
    rows, answer = call(connection, {"p_session_id": session_id, "p_limit": LIMIT, **first})
    while token := answer.get("Events-Next"):
        more, answer = call(connection, {"p_session_id": session_id, "p_next": token})
        rows += more
    return rows


def next_of(connection: Connection, session_id: UUID, **first: object) -> str:
    """The next of an answer that is not the last of its walk."""
    return call(connection, {"p_session_id": session_id, "p_limit": LIMIT, **first})[1]["Events-Next"]


def refused(connection: Connection, session_id: UUID, token: str, **more: object) -> str | None:
    """The SQL error of an answer's next, or None where it is taken."""
    try:
        call(connection, {"p_session_id": session_id, "p_next": token, **more})
    except psycopg.DatabaseError as error:
        return error.sqlstate
    return None


def in_order(events: dict[str, Told]) -> list[str]:
    """Their ids in the order of the contract."""
    return sorted(events, key=lambda event_id: (events[event_id].timestamp, event_id), reverse=True)


def untold(poller: CursorPoller, connection: Connection) -> dict[str, Told]:
    """The committed events that a follower does not know as they now are."""
    return {
        event.id: event
        for event in committed_events(connection, poller.session_id).values()
        if poller.events.get(event.id) != event and poller.event_type in {None, event.event_type}
    }


def assert_knows_all(poller: CursorPoller, connection: Connection) -> None:
    """The follower has all that is committed, as it is now; what was deleted it may have as well."""
    assert untold(poller, connection) == {}


def assert_is_snapshot(rows: list[Told], snapshot: dict[str, Told], touched: set[str]) -> None:
    """A walk told these events in order, each once and as it was, and left out only what was changed or deleted."""
    ids = [row.id for row in rows]
    assert ids == [event_id for event_id in in_order(snapshot) if event_id not in touched or event_id in ids]
    assert {row.id: row for row in rows} == {event_id: snapshot[event_id] for event_id in ids}


def walk_while_changing(
    poller: Walker, changer: Changer, ask: Callable[[], Connection]
) -> tuple[list[Told], dict[str, Told], set[str]]:
    """What one walk tells while others write between its pages, what it should, and what was touched meanwhile."""
    snapshot = untold(poller, changer.observer)
    changer.touched.clear()
    rows = []
    for page in poller.pages(ask):
        rows += page
        changer.steps(changer.random.randint(0, 6))
    return rows, snapshot, changer.touched


@pytest.mark.parametrize("event_type", [None, "error"])
def test_a_walk_tells_the_snapshot_of_its_first_answer(
    crashing: Cluster, connection: Connection, seed: int, event_type: str | None
) -> None:
    """A walk, first or from a cursor, should tell what its first answer's snapshot has untold; walks together, all."""
    session_id = add_session(connection)
    poller = Walker(session_id, event_type, limit=LIMIT)
    with changing(crashing.dsn(DATABASE), session_id, f"{seed}/{event_type}") as changer:
        changer.steps(40)
        for _ in range(6):
            rows, snapshot, touched = walk_while_changing(poller, changer, lambda: connection)
            assert poller.total == len(snapshot)
            assert_is_snapshot(rows, snapshot, touched)
        changer.finish()
        poller.poll(connection)
    assert_knows_all(poller, connection)
    poller.poll(connection)
    assert poller.total == 0


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize("savepoints", [False, True], ids=["plain", "savepoints"])
def test_walks_on_primary_and_standby(
    crashing: Cluster, connection: Connection, replica: Cluster, savepoints: bool, turn: int
) -> None:
    """A walk whose pages come from primary and standby at random should lose nothing, and tell only its snapshot."""
    session_id = add_session(connection)
    poller = Walker(session_id, limit=LIMIT)
    chance = random.Random(turn)
    with (
        psycopg.connect(replica.dsn(DATABASE), autocommit=True) as secondary,
        changing(crashing.dsn(DATABASE), session_id, f"standby/{turn}", savepoints=savepoints) as changer,
    ):

        def either() -> Connection:
            flush_wal(connection)
            wait_for_replay(crashing, replica)
            return chance.choice([connection, secondary])

        changer.steps(40)
        for _ in range(6):
            known = dict(poller.events)
            rows, snapshot, touched = walk_while_changing(poller, changer, either)
            # A standby may tell again what is known; as it is.
            assert_is_snapshot(rows, {**known_again(rows, known), **snapshot}, touched | {*snapshot})
            # It may also leave to the next poll what it cannot tell from what is in flight: that it does not count.
            assert len(rows) <= poller.total <= len(rows) + len(touched)
        changer.finish()
        wait_for_replay(crashing, replica)
        poller.poll(secondary)
        assert_knows_all(poller, connection)


def known_again(rows: list[Told], known: dict[str, Told]) -> dict[str, Told]:
    """Of what was told the events that were known like this before."""
    return {row.id: row for row in rows if known.get(row.id) == row}


@pytest.mark.parametrize("followed", ["primary", "standby", "both"])
def test_walkers_beside_writers_lose_nothing(
    crashing: Cluster, connection: Connection, replica: Cluster, followed: str
) -> None:
    """A client that only walks, beside writers who insert, change and delete, should end with the committed events."""
    session_id = add_session(connection)
    wait_for_replay(crashing, replica)
    writers = [Writer(crashing.dsn(DATABASE), session_id, f"{followed}/{n}", 15, changes=True) for n in range(4)]
    poller = Walker(session_id, limit=LIMIT)
    servers = {"primary": [crashing], "standby": [replica], "both": [crashing, replica]}[followed]
    with writing(writers) as threads:
        while any(thread.is_alive() for thread in threads):
            for server in servers:
                once = iter([False, True])
                poll_until(server.dsn(DATABASE), [poller], lambda once=once: next(once))  # type: ignore[misc]
    finish(connection, writers)
    wait_for_replay(crashing, replica)
    for server in servers:
        with psycopg.connect(server.dsn(DATABASE), autocommit=True) as reader:
            poller.poll(reader)
    assert poller.polls > 5
    assert len(committed_events(connection, session_id)) > 30
    assert_knows_all(poller, connection)


def test_a_crash_beside_writers_loses_nothing(crashing: Cluster, seed: int) -> None:
    """A client that only walks should end with the committed events, also where the server crashes in between."""
    dsn = crashing.dsn(DATABASE)
    with psycopg.connect(dsn, autocommit=True) as connection:
        session_id = add_session(connection)
    poller = Walker(session_id, limit=LIMIT)
    before, after = (
        [Writer(dsn, session_id, f"{seed}/{when}/{number}", 12, changes=True) for number in range(4)]
        for when in ("before", "after")
    )
    with writing(before) as threads:
        poll_until(dsn, [poller], lambda: sum(thread.is_alive() for thread in threads) <= 2)
        crashing.kill()
    crashing.start()
    with writing(after) as threads:
        poll_until(dsn, [poller], lambda: not any(thread.is_alive() for thread in threads))
    with psycopg.connect(dsn, autocommit=True) as connection:
        finish(connection, [*before, *after])
        poller.poll(connection)
        assert_knows_all(poller, connection)
        poller.poll(connection)
        assert poller.total == 0


def test_a_walk_over_a_crash_is_exact_or_refused(crashing: Cluster) -> None:
    """After a crash that gave transaction ids out again a walk should go on as it was or be refused, never mix in more.

    Some of what its first answer told was never on disk.
    """
    # A page may be written out, and with it the WAL, at any moment.
    if not any(walk_over_a_crash(crashing) for _ in range(10)):
        pytest.fail("ten crashes lost nothing, so nothing is proven")


def walk_over_a_crash(crashing: Cluster) -> bool:
    """Walks over a crash and asserts that the follower loses nothing; whether the server has lost something."""
    with closing(psycopg.connect(crashing.dsn(DATABASE), autocommit=True)) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, spread(MANY))
        connection.execute("checkpoint")
        with no_wal_writer(connection):
            burn_transaction_ids(connection)
            connection.execute("set synchronous_commit = off")
            add_events(connection, session_id, spread(LIMIT))
            seen_up_to = highest_id(connection)
            poller = Walker(session_id, limit=LIMIT)
            snapshot = committed_events(connection, session_id)
            servers = [connection]
            walk = poller.pages(lambda: servers[-1])
            rows = list(next(walk))
            crashing.kill()
    crashing.start()
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        servers.append(connection)
        lost = {*snapshot} - {*committed_events(connection, session_id)}
        given_again = highest_id(connection) < seen_up_to
        add_events(connection, session_id, spread(3))
        try:
            for page in walk:
                rows += page
            assert_is_snapshot(rows, snapshot, lost)
        except psycopg.DatabaseError as error:
            assert_is_lost(error)
        poller.poll(connection)
        poller.poll(connection)
        assert_knows_all(poller, connection)
    return given_again and bool(lost)


@contextmanager
def no_wal_writer(connection: Connection) -> Iterator[None]:
    """Keeps what nobody waits for from reaching the disk; the server is gone when the context ends."""
    found = connection.execute("select pid from pg_stat_activity where backend_type = 'walwriter'").fetchone()
    assert found is not None
    process = psutil.Process(found[0])
    process.suspend()
    try:
        yield
    finally:
        process.kill()


def highest_id(connection: Connection) -> int:
    """Below it all transaction ids have been given out."""
    (xmax,) = connection.execute("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint").fetchone() or (0,)
    return int(xmax)


def assert_is_lost(error: psycopg.DatabaseError) -> None:
    """The error says that a token is of a lost history."""
    if error.sqlstate != "SE003":
        raise error


def test_a_walk_goes_on_after_a_clean_restart(crashing: Cluster) -> None:
    """A restart between two pages should change nothing for the walk."""
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        session_id = add_session(connection)
        events = spread(MANY)
        add_events(connection, session_id, events)
        rows, answer = call(connection, {"p_session_id": session_id, "p_limit": LIMIT})
    crashing.restart()
    with psycopg.connect(crashing.dsn(DATABASE), autocommit=True) as connection:
        add_events(connection, session_id, [Event(timestamp=event.timestamp) for event in events])
        while token := answer.get("Events-Next"):
            more, answer = call(connection, {"p_session_id": session_id, "p_next": token})
            rows += more
    assert [row.id for row in rows] == newest_first(events)


def test_a_walk_goes_on_over_a_promotion(crashing: Cluster, connection: Connection, replica: Cluster) -> None:
    """A promoted standby that has all that a walk has seen should go on with it, as with its cursor."""
    session_id = add_session(connection)
    add_events(connection, session_id, spread(MANY))
    wait_for_replay(crashing, replica)
    with psycopg.connect(replica.dsn(DATABASE), autocommit=True) as promoted:
        tokens = [next_of(connection, session_id), next_of(promoted, session_id)]
        flush_wal(connection)
        wait_for_replay(crashing, replica)
        assert [refused(promoted, session_id, token) for token in tokens] == [None, None]
        promoted.execute("select pg_promote()")
        assert [refused(promoted, session_id, token) for token in tokens] == [None, None]


WHAT_THE_STANDBY_LACKS = ["inserted", "changed", "deleted", "committed_out_of_order"]


@pytest.mark.parametrize("lacks", WHAT_THE_STANDBY_LACKS)
def test_a_standby_that_lags_behind_a_walk_is_exact_or_refuses(
    crashing: Cluster, connection: Connection, replica: Cluster, lacks: str
) -> None:
    """A standby that has not replayed what a walk's first answer saw should refuse the walk, not leave a gap in it."""
    session_id = add_session(connection)
    add_events(connection, session_id, spread(MANY))
    poller = Walker(session_id, limit=LIMIT)
    with (
        psycopg.connect(crashing.dsn(DATABASE)) as older,
        psycopg.connect(replica.dsn(DATABASE), autocommit=True) as secondary,
    ):
        # Begins before, and commits after, what the standby has: no id that it lacks is above those that it knows.
        add_events(older, session_id, spread(MANY, start=START.replace(year=2020)))
        add_events(connection, session_id, spread(1))
        pause_replay(crashing, replica, secondary)
        behind(connection, older, session_id, lacks)
        snapshot = committed_events(connection, session_id)
        servers = [connection]
        walk = poller.pages(lambda: servers[-1])
        rows = list(next(walk))
        servers.append(secondary)
        try:
            for page in walk:
                rows += page
            assert_is_snapshot(rows, snapshot, set())
        except psycopg.DatabaseError as error:
            assert error.sqlstate == "SE005"  # noqa: PT017  a lag need not show
        secondary.execute("select pg_wal_replay_resume()")
        older.rollback()
        poller.poll(connection)
        assert_knows_all(poller, connection)


def pause_replay(primary: Cluster, replica: Cluster, secondary: Connection) -> None:
    """Lets the standby stay where the primary is now."""
    wait_for_replay(primary, replica)
    secondary.execute("select pg_wal_replay_pause()")
    paused = "select where pg_get_wal_replay_pause_state() = 'paused'"
    until(lambda: secondary.execute(paused).fetchone() is not None)


def behind(connection: Connection, older: Connection, session_id: UUID, lacks: str) -> None:
    """Does on the primary what a standby that has paused does not see."""
    some = 'select id from public.events where session_id = %s order by "timestamp", id limit 3'
    ids = [event_id for (event_id,) in connection.execute(some, [session_id])]
    if lacks == "inserted":
        add_events(connection, session_id, spread(MANY, start=START.replace(year=2021)))
    elif lacks == "changed":
        connection.execute("update public.events set message = 'changed' where id = any(%s)", [ids])
    elif lacks == "deleted":
        connection.execute("delete from public.events where id = any(%s)", [ids])
    else:
        older.commit()


def test_more_in_flight_than_a_token_lists(crashing: Cluster, connection: Connection) -> None:
    """With more transactions in flight than a token can list it should be short, and walks still lose nothing."""
    session_id = add_session(connection)
    poller = Walker(session_id, limit=LIMIT)
    writers = [psycopg.connect(crashing.dsn(DATABASE)) for _ in range(80)]
    try:
        for writer in writers:
            add_events(writer, session_id, spread(1))
            add_events(connection, session_id, spread(1))
        assert len(next_of(connection, session_id)) < 4000
        for number, writer in enumerate(writers):
            writer.commit()
            if number % 20 == 0:
                poller.poll(connection)
    finally:
        for writer in writers:
            writer.close()
    poller.poll(connection)
    poller.poll(connection)
    assert_knows_all(poller, connection)


@pytest.mark.parametrize("count", [0, 1, LIMIT, LIMIT + 1, 2 * LIMIT, MANY])
def test_the_last_page_has_no_next(connection: Connection, count: int) -> None:
    """A walk should end with the page that holds its last event, neither before nor with an empty one after."""
    session_id = add_session(connection)
    add_events(connection, session_id, spread(count))
    poller = Walker(session_id, limit=LIMIT)
    pages = list(poller.pages(lambda: connection))
    assert len(pages) == max(1, -(-count // LIMIT))
    assert poller.total == sum(len(page) for page in pages) == count


def test_ties_are_told_once(connection: Connection) -> None:
    """Events of one and the same time should each come once, by their id, across pages."""
    session_id = add_session(connection)
    events = [Event() for _ in range(MANY)]
    add_events(connection, session_id, events)
    assert [row.id for row in walked(connection, session_id)] == newest_first(events)


@pytest.mark.parametrize(
    "time", ["infinity", "-infinity", "294276-12-31 23:59:59.999999+00", "4713-11-24 00:00:00+00 BC"]
)
def test_times_at_the_ends_are_walked(connection: Connection, time: str) -> None:
    """Events at the ends of time should come like all others, on the pages before and after them."""
    session_id = add_session(connection)
    odd, plain = [Event(timestamp=time) for _ in range(LIMIT + 2)], spread(LIMIT + 2)
    add_events(connection, session_id, [*odd, *plain])
    rows = walked(connection, session_id)
    assert {row.id for row in rows} == {str(event.id) for event in [*odd, *plain]}
    assert len(rows) == 2 * LIMIT + 4


def test_a_walk_keeps_its_filters(connection: Connection) -> None:
    """A next should know the type, the time and the limit that its walk began with."""
    session_id = add_session(connection)
    old, new = spread(MANY, event_type="error"), spread(MANY, event_type="error", start=START.replace(year=2027))
    add_events(connection, session_id, [*old, *new, *spread(MANY, start=START.replace(year=2027))])
    rows = walked(connection, session_id, p_event_type="error", p_since=START.replace(year=2026, month=6))
    assert [row.id for row in rows] == newest_first(new)


def test_a_walk_from_a_page_by_number(connection: Connection) -> None:
    """The next of a page by number should lead on from there."""
    session_id = add_session(connection)
    events = spread(MANY)
    add_events(connection, session_id, events)
    assert [row.id for row in walked(connection, session_id, p_page=3)] == newest_first(events)[2 * LIMIT :]


def test_the_same_next_again(connection: Connection) -> None:
    """A next should not be used up: a client whose answer got lost asks again with it."""
    session_id = add_session(connection)
    add_events(connection, session_id, spread(MANY))
    arguments: dict[str, object] = {"p_session_id": session_id, "p_next": next_of(connection, session_id)}
    first = call(connection, arguments)
    add_events(connection, session_id, spread(MANY, start=START.replace(year=2025)))
    assert call(connection, arguments) == first


def test_next_is_refused(crashing: Cluster, database: str, connection: Connection) -> None:
    """Noise should be malformed, a token of elsewhere said to be that, and other arguments not go with it."""
    session_id = add_session(connection)
    add_events(connection, session_id, spread(MANY))
    token = next_of(connection, session_id)
    cursor = call(connection, {"p_session_id": session_id})[1]["Events-Cursor"]
    assert token.replace("-", "a").replace("_", "a").isalnum()
    assert token.isascii()
    for noise in ("", "x", "opaque", cursor, token[:-1], token[: len(token) // 2], token[1:], token + "AAAA"):
        assert refused(connection, session_id, noise) == "SE001", noise
    for place in range(0, len(token) - 1, 5):
        damaged = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        # One whose history was damaged looks like one of elsewhere.
        assert refused(connection, session_id, damaged) in {"SE001", "SE003"}, place
    assert refused(connection, add_session(connection), token) == "SE002"
    assert refused(connection, session_id, token, p_cursor=cursor) == "22023"
    assert refused(connection, session_id, token, p_since=START) == "22023"
    # A next is no cursor either.
    with pytest.raises(psycopg.DatabaseError) as error:
        call(connection, {"p_session_id": session_id, "p_cursor": token})
    assert error.value.sqlstate == "SE001"
    with psycopg.connect(database, autocommit=True) as elsewhere:
        add_session(elsewhere, id=session_id)
        assert refused(elsewhere, session_id, token) == "SE003"


def test_a_walk_of_a_session_that_is_deleted(connection: Connection) -> None:
    """A session that goes while it is walked should be missing to the next page."""
    session_id = add_session(connection)
    add_events(connection, session_id, spread(MANY))
    token = next_of(connection, session_id)
    connection.execute("delete from public.sessions where id = %s", [session_id])
    assert refused(connection, session_id, token) == "P0002"
