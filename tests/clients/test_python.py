"""The Python client against the real stack."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest

from session_events_client import AsyncFollower, EventsError, Follower, State
from stack.datadir import private_directory
from stack.proxy import proxy
from stack.whole import Stack, stack
from tests.clients.following import BOTH, Next, States, in_asyncio, in_thread
from tests.support.client import Client
from tests.support.long import LONG, long
from tests.support.rows import START, Event, add_events, add_session, spread

Writer = psycopg.Connection[Any]
Follow = Callable[..., AbstractContextManager[tuple[Follower | AsyncFollower, Next]]]
LATER = START + timedelta(hours=1)
both = pytest.mark.parametrize("follow", BOTH.values(), ids=BOTH)


@pytest.fixture
def session_id(writer: Writer) -> UUID:
    """A session in progress."""
    return add_session(writer)


@pytest.fixture
def url(client: Client, session_id: UUID) -> str:
    """Where its events are."""
    return client.events_url(session_id)


def _messages(following: Next, count: int) -> list[str | None]:
    """The messages of the next events; waits for them."""
    return [event.message if (event := following()) else "(the end)" for _ in range(count)]


def _on(server: str, url: str) -> str:
    """The same events through another proxy."""
    return server + httpx.URL(url).path


@pytest.mark.parametrize("follow", BOTH.values() if LONG else [in_thread])
def test_each_event_is_told_once(follow: Follow, writer: Writer, session_id: UUID, url: str, database_url: str) -> None:
    """History, a burst of several pages and what is committed out of order should be told once each, oldest first."""
    add_events(writer, session_id, spread(3))
    states = States()
    with follow(url, on_state=states) as (_, following), psycopg.connect(database_url) as late:
        assert _messages(following, 3) == [f"info {n}" for n in range(3)]
        add_events(late, session_id, [Event(message="begun first", timestamp=START)])
        with writer.transaction():
            add_events(writer, session_id, spread(2500, event_type="burst", start=LATER))
        assert _messages(following, 2500) == [f"burst {n}" for n in range(2500)]
        assert states.names() == ["live", "behind", "live"]
        assert [state.remaining for state in states if state.name == "behind"] == [1500, 500]
        late.commit()
        assert _messages(following, 1) == ["begun first"]


@both
@long  # a stack of its own, and the patience of Retry-After
def test_outage(follow: Follow, tmp_path: Path) -> None:
    """Whatever is killed and comes back, the next event should come, and none of those before."""
    with private_directory() as directory, ExitStack() as fronts:
        parts = fronts.enter_context(stack(directory))
        assert parts.cluster is not None
        cluster = parts.cluster
        front = fronts.enter_context(proxy(parts.postgrest_url, log=tmp_path / "log"))
        with psycopg.connect(parts.database_url) as writer:
            session_id = add_session(writer)
            add_events(writer, session_id, spread(2))

        def come_back(state: State) -> None:
            if state.name == "retrying" and not cluster.runs():
                cluster.start()
                parts.postgrest.program.start_again()
                front.program.start_again()
                with psycopg.connect(parts.database_url) as writer:
                    add_events(writer, session_id, [Event(message="meanwhile", timestamp=LATER)])

        states = States(come_back)
        with follow(f"{front.url}/api/v2/sessions/{session_id}/events", on_state=states) as (_, following):
            assert _messages(following, 2) == ["info 0", "info 1"]
            cluster.kill()
            for part in (parts.postgrest, front):
                part.program.process.kill()
                part.program.process.wait()
            assert _messages(following, 1) == ["meanwhile"]
        assert states.names()[:2] == ["live", "retrying"]
        assert states[-1].name == "live"


def test_retry_after(running_stack: Stack, writer: Writer, session_id: UUID, url: str, tmp_path: Path) -> None:
    """A 503 should be waited out for at least as long as Retry-After says."""
    add_events(writer, session_id, [Event(message="at last")])
    with ExitStack() as fronts:
        front = fronts.enter_context(proxy("http://127.0.0.1:9", log=tmp_path / "first.log"))
        port = httpx.URL(front.url).port or 0

        def come_back(_: State) -> None:
            if front.program.runs():
                fronts.close()
                fronts.enter_context(proxy(running_stack.postgrest_url, port=port, log=tmp_path / "second.log"))

        states = States(come_back)
        with in_thread(_on(front.url, url), on_state=states) as (_, following):
            assert _messages(following, 1) == ["at last"]
    assert [(state.name, state.seconds) for state in states] == [("retrying", 5), ("live", 2)]
    assert states[0].error is not None
    assert states[0].error.kind == "unavailable"


@both
def test_lost_cursor(follow: Follow, writer: Writer, session_id: UUID, url: str) -> None:
    """Where the history is lost it should say so, begin again, and tell only what is new or has changed."""
    add_events(writer, session_id, events := spread(3))
    states = States()
    with follow(url, on_state=states) as (follower, following):
        assert _messages(following, 3) == ["info 0", "info 1", "info 2"]
        saved = follower.cursor
        writer.execute("select events_internal.begin_new_history()")
        writer.execute("update public.events set message = 'changed' where id = %s", [events[1].id])
        add_events(writer, session_id, [Event(message="new", timestamp=LATER)])
        assert _messages(following, 2) == ["changed", "new"]
    assert states.names() == ["live", "restarted", "live"]
    assert states[1].error is not None
    assert states[1].error.kind == "cursor-lost"
    states.clear()
    with follow(url, cursor=saved, on_state=states) as (_, following):
        assert _messages(following, 4) == ["info 0", "changed", "info 2", "new"]
    assert states.names() == ["restarted", "live"]


def test_saved_cursor(writer: Writer, session_id: UUID, url: str) -> None:
    """Begun with a saved cursor it should tell what came after, and the cursor should move on once all is told."""
    add_events(writer, session_id, spread(3))
    with in_thread(url) as (first, following):
        assert _messages(following, 2) == ["info 0", "info 1"]
        assert first.cursor is None
        assert _messages(following, 1) == ["info 2"]
        saved = first.cursor
    add_events(writer, session_id, [Event(message="while nobody looked", timestamp=LATER)])
    with in_thread(url, cursor=saved) as (second, following):
        assert _messages(following, 1) == ["while nobody looked"]
        assert second.cursor != saved


def test_ended_session(writer: Writer, client: Client) -> None:
    """Of a session that has ended it should tell all, wait for what comes late, and end once there is nothing more."""
    session_id = add_session(writer, status="failed")
    add_events(writer, session_id, spread(1))
    states = States()
    with in_asyncio(client.events_url(session_id), on_state=states) as (follower, following):
        assert _messages(following, 1) == ["info 0"]
        assert follower.session is not None
        assert (follower.session.status, follower.session.ended) == ("failed", True)
        assert states == [State("live", seconds=30)]
        with pytest.raises(TimeoutError):
            following(0.1)
        saved = follower.cursor
    with in_thread(client.events_url(session_id), cursor=saved) as (_, following):
        assert following() is None
        assert following() is None


def test_unknown_status_has_not_ended(writer: Writer, url: str, session_id: UUID) -> None:
    """A session whose status nobody knows should be followed on."""
    writer.execute("update public.sessions set status = 'archived' where id = %s", [session_id])
    states = States(lambda _: add_events(writer, session_id, spread(1)) if len(states) == 1 else None)
    with in_thread(url, on_state=states) as (_, following):
        assert _messages(following, 1) == ["info 0"]


@both
def test_wrong_key(follow: Follow, running_stack: Stack, writer: Writer, session_id: UUID, url: str) -> None:
    """Without the right key it should raise at once and say why; given it, it should go on."""
    add_events(writer, session_id, spread(1))
    with (
        proxy(running_stack.postgrest_url, env={"API_KEYS": "right"}) as locked,
        follow(_on(locked.url, url), api_key="wrong") as (follower, following),
    ):
        for _ in range(2):
            with pytest.raises(EventsError, match="valid API key") as caught:
                following()
            assert (caught.value.kind, caught.value.status) == ("unauthorized", 401)
        follower.api_key = "right"
        assert _messages(following, 1) == ["info 0"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v2/sessions/00000000-0000-0000-0000-000000000000/events", "session-not-found"),
        ("/api/v2/sessions/nonsense/events", "invalid-request"),
        ("/nowhere", "not-found"),
    ],
)
def test_refused(running_stack: Stack, path: str, kind: str) -> None:
    """What will not pass by itself should be raised with the API's own words."""
    with in_thread(running_stack.proxy_url + path) as (_, following), pytest.raises(EventsError) as caught:
        following()
    assert caught.value.kind == kind
    assert re.search("Session not found|must be a UUID|nothing at this path", str(caught.value))


def test_no_api(running_stack: Stack) -> None:
    """An answer that is not the API's, such as a placeholder while it is away, should be asked for again later."""
    states = States()
    with pytest.raises(AssertionError), in_thread(f"{running_stack.proxy_url}/docs", on_state=states.once) as (_, ask):
        ask()
    assert states[0].name == "retrying"
    assert states[0].error is not None
    assert states[0].error.kind == "unreadable"


@pytest.mark.parametrize("url", ["127.0.0.1:8000/events", "ftp://127.0.0.1/events", "http://127.0.0.1:port/"])
def test_address_that_cannot_be_asked(url: str) -> None:
    """An address that is none should be refused at once, not tried for ever."""
    refused = pytest.raises((httpx.UnsupportedProtocol, httpx.InvalidURL))
    with in_thread(url, on_state=States().once) as (_, following), refused:
        following()


def test_page_too_large(running_stack: Stack, writer: Writer, session_id: UUID, url: str) -> None:
    """Where one answer cannot hold a page it should ask for fewer events at a time; an event too large is raised."""
    # The older the larger: a later page of the walk is too large where the first was not.
    events = [Event(message=f"{n} " + "x" * 100 * (20 - n), timestamp=START + timedelta(seconds=n)) for n in range(20)]
    add_events(writer, session_id, events)
    with proxy(running_stack.postgrest_url, env={"MAX_RESPONSE_BYTES": "5000"}) as small:
        with in_thread(_on(small.url, url)) as (_, following):
            assert _messages(following, 20) == [event.message for event in events]
        add_events(writer, session_id, [Event(message="x" * 10_000)])
        with in_thread(_on(small.url, url)) as (_, following), pytest.raises(EventsError) as caught:
            following()
        assert (caught.value.kind, caught.value.largest_limit) == ("response-too-large", None)


def test_only_the_type_asked_for(writer: Writer, session_id: UUID, url: str) -> None:
    """With an event type it should tell events of that type, at first and later."""
    add_events(writer, session_id, [*spread(2), *spread(1, event_type="error")])
    with in_thread(url, event_type="error") as (_, following):
        assert _messages(following, 1) == ["error 0"]
        add_events(writer, session_id, [*spread(2), *spread(1, event_type="error", start=LATER)])
        assert _messages(following, 1) == ["error 0"]


def test_whatever_the_database_can_hold(writer: Writer, session_id: UUID, url: str) -> None:
    """Each number should keep its digits, and what Python's json refuses should neither end nor stop the loop."""
    digits = f'{{"d": 0.1000, "e": {"1" + "0" * 5000}, "s": "}}]\\"\\\\"}}'
    deep = '{"a": ' * 3000 + "[1]" + "}" * 3000
    written = {digits: START, deep: LATER, '"\\\\"': LATER + timedelta(seconds=1)}
    add_events(writer, session_id, [Event(event_data=data, timestamp=at) for data, at in written.items()])
    add_events(writer, session_id, [Event(timestamp="infinity")])
    with in_thread(url) as (_, following):
        told = [following() for _ in range(4)]
    events = [event for event in told if event is not None]
    assert [event.event_data_text for event in events] == [*written, "{}"]
    assert events[0].event_data["e"] == Decimal(10) ** 5000
    assert events[0].event_data["s"] == '}]"\\'
    assert json.loads(events[0].event_data_text, parse_int=Decimal, parse_float=str)["d"] == "0.1000"
    with pytest.raises(RecursionError):
        print(events[1].event_data)
    assert events[3].timestamp == "infinity"


def test_step_and_missing_message(writer: Writer, session_id: UUID, url: str) -> None:
    """What may be null should be None."""
    add_events(writer, session_id, [Event(message=None, timestamp=datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC))])
    with in_thread(url) as (_, following):
        event = following()
    assert event is not None
    assert (event.session_id, event.step_id, event.message) == (str(session_id), None, None)
    assert event.timestamp == "2026-02-03T04:05:06.000789Z"
