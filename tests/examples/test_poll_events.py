"""examples/poll_events.py, run as a reader would run it."""

import subprocess
import sys
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.proxy import proxy
from stack.whole import Stack
from tests.examples.program import lines, running
from tests.examples.story import assert_each_event_once
from tests.support.rows import Event, add_events, add_session

EXAMPLE = Path(__file__).parents[2] / "examples" / "poll_events.py"


def _example(*arguments: str, key: str = "") -> AbstractContextManager[subprocess.Popen[str]]:
    """The example as a program of its own."""
    return running([sys.executable, EXAMPLE, *arguments], {"API_KEY": key})


def _read(process: subprocess.Popen[str], count: int) -> list[str]:
    """The messages of the next `count` events that it prints; waits for them."""
    return [line.split(" ", 2)[2] for line in lines(process, count)]


def _set_status(connection: psycopg.Connection[Any], session_id: UUID, status: str) -> None:
    connection.execute("update public.sessions set status = %s where id = %s", [status, session_id])


@pytest.mark.parametrize("by", ["cursor", "since"])
def test_each_event_is_printed_once(running_stack: Stack, writer: psycopg.Connection[Any], by: str) -> None:
    """Each event should be printed once, as it comes, until the session has ended; then nothing more."""
    session_id = add_session(writer)
    with _example(str(session_id), "--url", running_stack.proxy_url, "--by", by) as process:
        assert_each_event_once(process, session_id, writer, running_stack.database_url)
        _set_status(writer, session_id, "completed")
        assert process.communicate(timeout=60) == ("", "")
        assert process.returncode == 0


def test_it_goes_on_after_the_server_was_away(
    running_stack: Stack, writer: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """What was written while the server was away should be printed once it is back."""
    session_id = add_session(writer)
    add_events(writer, session_id, [Event(message="before")])
    with ExitStack() as parts:
        with proxy(running_stack.postgrest_url, log=tmp_path / "first.log") as first:
            process = parts.enter_context(_example(str(session_id), "--url", first.url))
            assert _read(process, 1) == ["before"]
        add_events(writer, session_id, [Event(message="meanwhile")])
        assert process.stderr
        assert process.stderr.readline() == "no answer, again in 1 s\n"
        port = int(first.url.rpartition(":")[2])
        parts.enter_context(proxy(running_stack.postgrest_url, port=port, log=tmp_path / "second.log"))
        assert _read(process, 1) == ["meanwhile"]


def test_it_waits_as_long_as_the_server_asks(
    running_stack: Stack, writer: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """While the database cannot be reached it should come back after Retry-After, and then print the history."""
    session_id = add_session(writer)
    add_events(writer, session_id, [Event(message="at last")])
    with ExitStack() as parts:
        with proxy("http://127.0.0.1:9", log=tmp_path / "first.log") as first:
            process = parts.enter_context(_example(str(session_id), "--url", first.url))
            assert process.stderr
            assert process.stderr.readline() == "503, again in 5 s\n"
        port = int(first.url.rpartition(":")[2])
        parts.enter_context(proxy(running_stack.postgrest_url, port=port, log=tmp_path / "second.log"))
        assert _read(process, 1) == ["at last"]


def test_key_opens_the_server(running_stack: Stack, writer: psycopg.Connection[Any]) -> None:
    """The key in API_KEY should be sent; without it the server's words should be printed."""
    session_id = add_session(writer, status="completed")
    with proxy(running_stack.postgrest_url, env={"API_KEYS": "open-sesame"}) as locked:
        with _example(str(session_id), "--url", locked.url, key="open-sesame") as process:
            assert process.communicate(timeout=60) == ("", "")
            assert process.returncode == 0
        with _example(str(session_id), "--url", locked.url) as process:
            assert process.communicate(timeout=60) == ("", "Send a valid API key in the header X-API-Key.\n")
            assert process.returncode == 1


def test_only_the_type_asked_for_is_printed(running_stack: Stack, writer: psycopg.Connection[Any]) -> None:
    """With --event-type only events of that type should be printed."""
    session_id = add_session(writer)
    add_events(writer, session_id, [Event(event_type="error", message="broken"), Event(message="fine")])
    with _example(str(session_id), "--url", running_stack.proxy_url, "--event-type", "error") as process:
        assert _read(process, 1) == ["broken"]
        _set_status(writer, session_id, "completed")
        assert process.communicate(timeout=60) == ("", "")


def test_changed_event_is_printed_again(running_stack: Stack, writer: psycopg.Connection[Any]) -> None:
    """An event that was changed should be printed once more, as it is now."""
    session_id = add_session(writer)
    add_events(writer, session_id, [Event(message="as it was")])
    with _example(str(session_id), "--url", running_stack.proxy_url) as process:
        assert _read(process, 1) == ["as it was"]
        writer.execute("update public.events set message = 'as it is' where session_id = %s", [session_id])
        assert _read(process, 1) == ["as it is"]


def test_unknown_status_has_not_ended(running_stack: Stack, writer: psycopg.Connection[Any]) -> None:
    """A session whose status nobody knows should be followed on."""
    session_id = add_session(writer, status="archived")
    with _example(str(session_id), "--url", running_stack.proxy_url) as process:
        for message in ("one", "two"):
            add_events(writer, session_id, [Event(message=message)])
            assert _read(process, 1) == [message]


def test_page_too_large_is_asked_for_in_smaller_ones(running_stack: Stack, writer: psycopg.Connection[Any]) -> None:
    """Where one answer cannot hold 1000 events all should be printed all the same; an event too large, explained."""
    session_id = add_session(writer, status="completed")
    add_events(writer, session_id, [Event(message=str(number), event_data={"log": "x" * 1000}) for number in range(20)])
    with proxy(running_stack.postgrest_url, env={"MAX_RESPONSE_BYTES": "5000"}) as small:
        with _example(str(session_id), "--url", small.url) as process:
            assert sorted(_read(process, 20), key=int) == [str(number) for number in range(20)]
        add_events(writer, session_id, [Event(event_data={"log": "x" * 10_000})])
        with _example(str(session_id), "--url", small.url) as process:
            printed, explained = process.communicate(timeout=60)
            assert (printed, process.returncode) == ("", 1)
            assert "bytes" in explained
