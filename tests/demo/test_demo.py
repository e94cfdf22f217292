"""The demo's sample and live sessions."""

import functools
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.rows import DictRow

from demo.directory import DIRECTORY_ID, directory
from demo.live import SUITE, repository_commands
from demo.samples import SAMPLES, fill
from recorder.levels import level_of
from stack.binaries import REPOSITORY
from tests.support.waiting import wait_until

DEMO = """
from demo.directory import DIRECTORY_ID, directory
from demo.live import LiveCommand, run
from stack.signals import end_on_signals
import os
end_on_signals(interrupted=0)
run(os.environ["DATABASE_URL"], "http://127.0.0.1:1", [LiveCommand("demo greeting", ("echo", "hello"))])
"""


def samples(connection: psycopg.Connection[DictRow]) -> dict[str, dict[str, Any]]:
    """The sample sessions in the database by their key, each with its number of events."""
    query = """
        select s.*, (select count(*) from public.events as e where e.session_id = s.id) as events
        from public.sessions as s where s.config ? 'sample'
    """
    return {row["config"]["sample"]: row for row in connection.execute(query).fetchall()}


def test_samples(connection: psycopg.Connection[DictRow]) -> None:
    """Filling twice should leave each sample once, with its status, its events and its own id."""
    fill(connection)
    first = samples(connection)
    fill(connection)
    assert samples(connection) == first
    assert {key: (row["status"], row["events"]) for key, row in first.items()} == {
        "completed": ("completed", 23),
        "failed": ("failed", 13),
        "paused": ("paused", 7),
        "empty": ("pending", 0),
        "big": ("completed", 10_000),
    }
    assert {row["id"] for row in first.values()} == {sample.id for sample in SAMPLES.values()}
    assert {key for key, row in first.items() if row["completed_at"]} == {"completed", "failed", "big"}


def test_samples_hold_what_the_page_should_show(connection: psycopg.Connection[DictRow]) -> None:
    """There should be a stack trace, artifacts, warnings, and every event within its session's time."""
    fill(connection)
    query = """
        select count(*) filter (where e.event_data ? 'stack_trace') as traces,
               count(*) filter (where e.event_type = 'artifact_created') as artifacts,
               count(*) filter (where e.event_type = 'warning') > 0 as warned,
               bool_and(e.timestamp between s.created_at and s.updated_at) as in_time
        from public.events as e join public.sessions as s on s.id = e.session_id where s.config ? 'sample'
    """
    assert connection.execute(query).fetchone() == {"traces": 1, "artifacts": 4, "warned": True, "in_time": True}


def has_output(connection: psycopg.Connection[DictRow], name: str) -> bool:
    """Whether a session of that name has recorded a line of output."""
    query = """
        select from public.sessions as s
        where s.config ->> 'name' = %s
          and exists (select from public.events as e where e.session_id = s.id and e.event_type in ('info', 'error'))
    """
    return connection.execute(query, (name,)).fetchone() is not None


@contextmanager
def running_demo(database_url: str) -> Iterator[subprocess.Popen[str]]:
    """The demo in a process of its own, killed where the test did not end it."""
    environment = {**os.environ, "DATABASE_URL": database_url}
    command = [sys.executable, "-c", DEMO]
    demo = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        yield demo
    finally:
        demo.kill()
        demo.communicate()


def test_demo_until_interrupted(connection: psycopg.Connection[DictRow], database_url: str) -> None:
    """The demo should print where to look, record live, and leave no session in progress after Ctrl-C."""
    with running_demo(database_url) as demo:
        for name in ("watch the API", "demo greeting"):
            wait_until(functools.partial(has_output, connection, name), f"output of {name}")
        demo.send_signal(signal.SIGINT)
        printed, _ = demo.communicate(timeout=30)
    assert demo.returncode == 0
    assert connection.execute(
        "select status from public.sessions where config ->> 'name' = 'watch the API'"
    ).fetchall() == [{"status": "cancelled"}]
    for sample in SAMPLES.values():
        assert f"http://127.0.0.1:1/sessions/{sample.id}\n" in printed
    assert "curl -sS" in printed
    assert "demo greeting" in printed


def test_demo_lists_its_sessions(connection: psycopg.Connection[DictRow]) -> None:
    """A list should begin empty, name what is added, and say that it has ended; the first page should know its id."""
    ours = uuid4()
    for title in ("before", "now"):
        with directory(connection) as listed:
            listed.add(title, ours)
            assert status(connection, DIRECTORY_ID) == "in_progress"
    assert status(connection, DIRECTORY_ID) == "completed"
    query = "select message, event_data from public.events where session_id = %s"
    assert connection.execute(query, [DIRECTORY_ID]).fetchall() == [
        {"message": "now", "event_data": {"session_id": str(ours)}}
    ]
    page = (REPOSITORY / "proxy/static/page/index.html").read_text(encoding="utf-8")
    assert f'data-session="{DIRECTORY_ID}"' in page


def status(connection: psycopg.Connection[DictRow], session_id: UUID) -> str:
    """What the session's row says."""
    row = connection.execute("select status from public.sessions where id = %s", [session_id]).fetchone()
    assert row is not None
    found: str = row["status"]
    return found


def test_repository_commands_keep_secrets_out_of_arguments() -> None:
    """What the demo records should carry no address of a database in its arguments, which are recorded."""
    commands = repository_commands("http://127.0.0.1:1")
    assert commands
    assert not [command for command in commands if any("@" in argument for argument in command.arguments)]


def test_recorded_suite() -> None:
    """The demo should record tests that are there, are not its own, and bear no name that looks like an error."""
    listed = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "--quiet", SUITE],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    tests = [line for line in listed if "::" in line]
    assert tests
    assert SUITE not in __file__
    assert {level_of(f"{name} PASSED [  5%]") for name in tests} == {"info"}
