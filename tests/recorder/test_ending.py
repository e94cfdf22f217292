"""How a recording ends when its command does not simply succeed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow

from .conftest import ROOT, Recorders

WAITING = "trap 'exit 0' INT; echo ready; while read line; do echo $line; done"


def test_exit_status(recorders: Recorders) -> None:
    """A command that fails should fail its session, and the recorder leave with its status."""
    recorded = recorders.shell("echo working; exit 3")
    assert recorded.exit_code == 3
    assert (recorded.session["status"], recorded.session["error_message"]) == ("failed", "exit status 3")
    assert recorded.session["completed_at"] == recorded.session["updated_at"]
    assert (recorded.step["status"], recorded.step["error_message"]) == ("failed", "exit status 3")
    assert recorded.types[-2:] == ["step_completed", "workflow_failed"]
    assert recorded.events[-1]["event_data"]["exit_code"] == 3


def test_command_not_found(recorders: Recorders) -> None:
    """A command that does not exist should leave a failed session with an error event, and status 127."""
    with recorders.start("--", "no-such-command-anywhere") as recorder:
        recorded = recorder.result()
    assert recorded.exit_code == 127
    assert recorded.session["status"] == "failed"
    assert recorded.types[-3:] == ["error", "step_completed", "workflow_failed"]
    assert recorded.events[-3]["message"] == "no-such-command-anywhere: command not found"
    assert b"no-such-command-anywhere: command not found" in recorded.stderr


def test_command_not_executable(recorders: Recorders, tmp_path: Path) -> None:
    """A file that cannot be executed should leave a failed session and status 126."""
    with recorders.start("--", str(tmp_path)) as recorder:
        recorded = recorder.result()
    assert (recorded.exit_code, recorded.session["status"]) == (126, "failed")


def test_killed_by_a_signal(recorders: Recorders) -> None:
    """A command that a signal ended should fail with 128 + n and name the signal."""
    recorded = recorders.shell("kill -SEGV $$")
    assert recorded.exit_code == 128 + signal.SIGSEGV
    assert recorded.session["error_message"] == "killed by SIGSEGV"
    assert recorded.events[-1]["event_data"]["signal"] == "SIGSEGV"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_cancelled(recorders: Recorders, number: signal.Signals) -> None:
    """A signal to the recorder should end the command and cancel the session, with all output up to then."""
    with recorders.start("--", "sh", "-c", WAITING) as recorder:
        recorder.wait_for(b"ready")
        recorder.send_signal(number)
        recorded = recorder.result()
    assert recorded.exit_code == 128 + number
    assert recorded.messages() == ["ready"]
    assert (recorded.session["status"], recorded.session["error_message"]) == ("cancelled", f"by {number.name}")
    assert recorded.session["completed_at"] is not None
    assert recorded.types[-2:] == ["step_completed", "status_changed"]
    assert recorded.events[-1]["event_data"]["to"] == "cancelled"


def test_cancelled_with_its_children(recorders: Recorders) -> None:
    """Cancelling should end the processes that the command started too."""
    with recorders.start("--", "sh", "-c", "sleep 600 & echo $!; echo ready; wait") as recorder:
        recorder.wait_for(b"ready")
        recorder.send_signal(signal.SIGTERM)
        recorded = recorder.result()
    assert not is_running(int(recorded.messages()[0]))


def test_second_signal_kills(recorders: Recorders) -> None:
    """A command that ignores the first signal should be killed by the second one."""
    with recorders.start("--", "sh", "-c", "trap '' TERM; echo ready; sleep 600") as recorder:
        recorder.wait_for(b"ready")
        recorder.send_signal(signal.SIGTERM)
        recorder.send_signal(signal.SIGINT)
        recorded = recorder.result()
    assert recorded.session["status"] == "cancelled"
    assert recorded.session["result"]["exit_code"] == 128 + signal.SIGKILL


def test_reader_of_the_output_left(recorders: Recorders) -> None:
    """When nobody reads the output any more, the command should get a broken pipe, as without the recorder."""
    with recorders.start("--", "yes", "y" * 100) as recorder:
        recorder.wait_for(b"y" * 100)
        recorder.close_stdout()
        recorded = recorder.result()
    assert recorded.exit_code == 128 + signal.SIGPIPE
    assert recorded.session["error_message"] == "killed by SIGPIPE"


def test_connection_lost_for_a_moment(recorders: Recorders, connection: psycopg.Connection[DictRow]) -> None:
    """After a lost connection the output should go on, and the session fail and say how much is missing."""
    with recorders.start("--", "sh", "-c", WAITING) as recorder:
        recorder.wait_for(b"ready")
        terminate(connection, f"recorder {recorder.id}")
        recorded = recorder.result(b"two\nthree\n")
    assert recorded.stdout == b"two\nthree\n"
    assert b"NOT recorded" in recorded.stderr
    assert recorded.exit_code == 74
    assert recorded.session["status"] == "failed"
    assert recorded.session["error_message"].startswith("the recording lost ")
    lost = recorded.session["result"]["lost_events"]
    assert len(recorded.messages()) + lost == 3
    assert [event["event_data"].get("lost_events") for event in recorded.events if event["event_type"] == "error"] == [
        lost
    ]


def test_database_gone_for_good(connection: psycopg.Connection[DictRow], database_url: str) -> None:
    """When the database does not come back the output should still pass, and the recorder say what it left behind."""
    role, password = "recorder_test_leaver", "only for this test"
    identifier = sql.Identifier(role)
    connection.execute(sql.SQL("create role {} login password {}").format(identifier, password))
    try:
        connection.execute(
            sql.SQL("grant select, insert, update on public.sessions, public.steps, public.events to {}").format(
                identifier
            )
        )
        leaver = Recorders(connection, make_conninfo(database_url, user=role, password=password))
        with leaver.start("--", "sh", "-c", WAITING) as recorder:
            recorder.wait_for(b"ready")
            connection.execute(sql.SQL("alter role {} nologin").format(identifier))
            terminate(connection, f"recorder {recorder.id}")
            recorded = recorder.result(b"two\n")
        assert recorded.stdout == b"two\n"
        assert recorded.exit_code == 74
        assert f"session {recorded.session['id']} stays in_progress".encode() in recorded.stderr
        assert recorded.session["status"] == "in_progress"
    finally:
        connection.execute(sql.SQL("drop owned by {0}; drop role {0}").format(identifier))


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/none", 69, "cannot record, the command was not started: connection"),
        ("postgresql+asyncpg://nobody:secret@db/none", 2, "DATABASE_URL is not a PostgreSQL connection string"),
    ],
)
def test_no_database(address: str, status: int, words: str) -> None:
    """Without its database the recorder should not start the command, say why, and never show the password."""
    run = subprocess.run(
        [sys.executable, "-m", "recorder", "--database", address, "--", "echo", "started"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == status
    assert run.stdout == ""
    assert words in run.stderr
    assert "secret" not in run.stderr


def terminate(connection: psycopg.Connection[DictRow], application_name: str) -> None:
    """Ends the connections of one application."""
    query = "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = %s"
    assert connection.execute(query, (application_name,)).fetchall()


def is_running(process_id: int) -> bool:
    """Whether the process lives: one that ended but was not yet waited for does not."""
    try:
        os.kill(process_id, 0)
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
