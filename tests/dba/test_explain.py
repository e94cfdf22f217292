"""`python -m stack explain`: the plans for a person to read, and what it says where it cannot."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from addresses import conninfo
from stack.binaries import REPOSITORY
from tests.support.rows import add_events, add_session, spread
from tests.support.waiting import wait_until

COMMAND = [sys.executable, "-m", "stack", "explain"]


@pytest.fixture
def session_id(writer: psycopg.Connection[Any]) -> UUID:
    """A session of three events of each of two types."""
    session_id = add_session(writer)
    add_events(writer, session_id, [*spread(3), *spread(3, event_type="error")])
    return session_id


def explain(database_url: str | None, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command, with this DATABASE_URL."""
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env=environment if database_url is None else {**environment, "DATABASE_URL": database_url},
    )


def headings(printed: str) -> list[str]:
    """What the statements are for, in order."""
    return [line.removeprefix("=== ").split(" (")[0] for line in printed.splitlines() if line.startswith("=== ")]


def test_statements_in_order(database_url: str, session_id: UUID) -> None:
    """Each statement that reads a table should be there in order with its real plan, and nothing of the catalogs."""
    result = explain(database_url, session_id, "--type", "error", "--limit", "2", "--page", "2")
    assert result.returncode == 0, result.stderr
    assert headings(result.stdout) == [
        "The count",
        "The page: a range of an index, newest first",
        "The session, and what a cursor has not told",
        "The answer",
    ]
    assert result.stdout.count("(actual time=") >= 4
    assert "pg_database" not in result.stdout
    assert "1 of 3 events." in result.stdout
    assert "    plan_cache_mode = 'force_generic_plan'\n" in result.stdout
    assert result.stdout.count("enable_seqscan") == 1, "the pinned settings are shown once"


def test_cursor(database_url: str, writer: psycopg.Connection[Any], session_id: UUID) -> None:
    """The cursor that one run prints should explain the poll that follows it."""
    cursor = explain(database_url, session_id).stdout.split()[-1]
    add_events(writer, session_id, spread(2))
    result = explain(database_url, session_id, "--cursor", cursor)
    assert "The page: what the cursor has not told, sorted" in headings(result.stdout)
    assert "2 of 2 events." in result.stdout


def test_next(database_url: str, session_id: UUID) -> None:
    """The next that one run prints should explain the page after it, which counts nothing."""
    printed = explain(database_url, session_id, "--limit", "4").stdout
    result = explain(database_url, session_id, "--next", printed.split("\n    next ")[1].split()[0])
    assert "2 of 6 events." in result.stdout, result.stderr
    assert "The count" not in headings(result.stdout)
    assert "\n    next " not in result.stdout, "the last page has none"


def test_since(database_url: str, session_id: UUID) -> None:
    """A time should narrow what is explained as it narrows a poll."""
    assert "2 of 2 events." in explain(database_url, session_id, "--since", "2026-01-13T14:30:01Z").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["00000000-0000-0000-0000-000000000000"], "Session not found: 00000000-0000-0000-0000-000000000000"),
        (["x"], 'invalid input syntax for type uuid: "x"'),
        (["00000000-0000-0000-0000-000000000000", "--limit", "0"], "p_limit is 0; it must be at least 1"),
        (["00000000-0000-0000-0000-000000000000", "--cursor", "x"], "The cursor is malformed."),
    ],
)
def test_refused(database_url: str, arguments: list[str], message: str) -> None:
    """What the function refuses should be said in its words, in one line and without a stack trace."""
    result = explain(database_url, *arguments)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.splitlines()[0] == f"stack: {message}"
    assert "Traceback" not in result.stderr


def test_no_stack(tmp_path: Path) -> None:
    """Without a stack and without DATABASE_URL it should say how to start one."""
    command = [sys.executable, "-m", "stack", "--directory", str(tmp_path), "explain", "x"]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    result = subprocess.run(command, check=False, capture_output=True, text=True, cwd=REPOSITORY, env=environment)
    assert (result.returncode, result.stderr) == (1, "stack: the stack is not up: 'make up' starts it\n")


def test_no_superuser(database_url: str, writer: psycopg.Connection[Any], session_id: UUID) -> None:
    """A role that may not load auto_explain should be told so, and which indexes the call has read how far."""
    writer.execute("create role analyst login password 'analyst' in role session_events_reader")
    try:
        analyst = conninfo.uri({**conninfo.parameters(database_url), "user": "analyst", "password": "analyst"})
        result = explain(analyst, session_id, "--type", "error", "--limit", "2")
    finally:
        writer.execute("drop role analyst")
    assert result.returncode == 0, result.stderr
    why, _, table = result.stdout.partition("\n\n")
    assert why.startswith("'analyst' is no superuser, and only one may load auto_explain, so there are no plans")
    read = {line.split()[0]: line.split()[1:] for line in table.splitlines()[1:] if line[:1].isalpha()}
    assert sum(int(counts[2]) for counts in read.values()) >= 2, "rows of the page"
    assert int(read["events"][3]) > 0, "pages of the table"
    assert "2 of 3 events." in result.stdout


def test_interrupt_ends_the_query(database_url: str, writer: psycopg.Connection[Any], session_id: UUID) -> None:
    """Ctrl-C should end the query in the database too, not only the command that waits for it."""
    with psycopg.connect(database_url) as holder:
        holder.execute("lock table public.events in access exclusive mode")
        environment = {**os.environ, "DATABASE_URL": database_url}
        with subprocess.Popen([*COMMAND, str(session_id)], cwd=REPOSITORY, env=environment) as process:
            wait_for(writer, waiting=1)
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 130
        # The lock is still held: only the cancellation can have ended it.
        wait_for(writer, waiting=0)


def wait_for(connection: psycopg.Connection[Any], *, waiting: int) -> None:
    """Returns once so many calls of the function wait for a lock."""
    query = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'api.session_events'"
    wait_until(lambda: connection.execute(query).fetchone() == (waiting,), f"{waiting} calls wait for a lock")
