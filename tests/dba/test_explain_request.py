"""`python -m stack explain --request`: from a request's id, by way of the proxy's log, to the plans."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.binaries import REPOSITORY
from stack.proxy import proxy
from stack.whole import Stack
from tests.dba.test_explain import headings
from tests.support.client import Client
from tests.support.rows import add_events, add_session, spread

PAGE = "The page: a range of an index, newest first"
COUNT = "The count"
SESSION = "The session, and what a cursor has not told"


@contextmanager
def logging(running_stack: Stack, directory: Path) -> Iterator[Client]:
    """The client of a proxy that logs every request where `make up` has its log."""
    with proxy(running_stack.postgrest_url, env={"PROXY_ACCESS_LOG": "1"}, log=directory / "proxy.log") as front:
        client = Client(front.url)
        with client.session:
            yield client


def explained(
    database_url: str, directory: Path, *arguments: str, given: str | None = None
) -> subprocess.CompletedProcess[str]:
    """The command, with what it is given as its input."""
    return subprocess.run(
        [sys.executable, "-m", "stack", "--directory", str(directory), "explain", *arguments],
        check=False,
        capture_output=True,
        text=True,
        input=given,
        cwd=REPOSITORY,
        env={**os.environ, "DATABASE_URL": database_url},
    )


@pytest.fixture
def session_id(writer: psycopg.Connection[Any]) -> UUID:
    """A session of five events."""
    session_id = add_session(writer)
    add_events(writer, session_id, spread(5))
    return session_id


@pytest.mark.parametrize(
    ("kind", "plans", "answer"),
    [
        ("page", [COUNT, PAGE, SESSION], "5 of 5 events."),
        ("since", [COUNT, SESSION], "0 of 0 events."),
        ("cursor", [SESSION], "0 of 0 events."),
        ("next", [PAGE, SESSION], "2 of 5 events."),
    ],
)
def test_kind(running_stack: Stack, session_id: UUID, tmp_path: Path, kind: str, plans: list[str], answer: str) -> None:
    """Each kind of request should be found by its id, told, and asked again as its like would be now."""
    with logging(running_stack, tmp_path) as client:
        page = client.page(session_id, limit=2)
        bookmarks = {"since": page["timestamp"], "cursor": page["cursor"], "next": page["pagination"]["next"]}
        parameters = {kind: bookmarks[kind]} if kind in bookmarks else {}
        client.get(session_id, headers={"X-Request-ID": "wanted"}, **parameters)
    options = ["--limit", "2"] if kind == "next" else []
    result = explained(running_stack.database_url, tmp_path, "--request", "wanted", *options)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"=== The request ({kind}, status 200, ")
    assert headings(result.stdout) == ["The request", *plans, "The answer"]
    assert answer in result.stdout


def test_log_from_elsewhere(running_stack: Stack, session_id: UUID, tmp_path: Path) -> None:
    """A log should be taken from a file or from standard input, whatever else stands in it."""
    with logging(running_stack, tmp_path) as client:
        client.get(session_id, headers={"X-Request-ID": "wanted"})
    log = f'-- Logs begin at … --\n"text"\n[1]\n{{"request_id"\n{(tmp_path / "proxy.log").read_text()}'
    (tmp_path / "elsewhere").write_text(log)
    for arguments, given in ((["--log", str(tmp_path / "elsewhere")], None), (["--log", "-"], log)):
        result = explained(
            running_stack.database_url, tmp_path / "nowhere", "--request", "wanted", *arguments, given=given
        )
        assert result.returncode == 0, result.stderr
        assert headings(result.stdout) == ["The request", COUNT, PAGE, SESSION, "The answer"]


def test_not_found(running_stack: Stack, session_id: UUID, tmp_path: Path) -> None:
    """An id without a request for events, and a log that is not there, should be a line that says what to do."""
    with logging(running_stack, tmp_path) as client:
        client.get(session_id, limit=0, headers={"X-Request-ID": "refused"})
    for request in ("refused", "unknown"):
        result = explained(running_stack.database_url, tmp_path, "--request", request)
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr.startswith(f"stack: the log has no request for events with the id '{request}': ")
        assert "PROXY_ACCESS_LOG" in result.stderr
    result = explained(running_stack.database_url, tmp_path / "nowhere", "--request", "refused")
    assert (result.returncode, result.stdout) == (1, "")
    assert "--log says where it is" in result.stderr
    assert result.stderr.count("\n") == 1


def test_walk_that_is_over(running_stack: Stack, session_id: UUID, tmp_path: Path) -> None:
    """Where a walk begun now has no second page it should be said, not another question be explained."""
    with logging(running_stack, tmp_path) as client:
        page = client.page(session_id, limit=2)
        client.get(session_id, next=page["pagination"]["next"], headers={"X-Request-ID": "wanted"})
    result = explained(running_stack.database_url, tmp_path, "--request", "wanted")
    assert result.returncode == 1
    assert result.stderr.startswith("stack: there is no next page: ")
