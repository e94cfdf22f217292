"""What a person at a terminal sees."""

import os
import pty
import subprocess
import sys
from contextlib import suppress
from uuid import uuid4

from .conftest import ROOT


def in_a_terminal(database_url: str, *arguments: str, term: str = "xterm") -> str:
    """Runs the recorder with a terminal as its outputs and returns all that was drawn there."""
    here, there = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "recorder", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, "TERM": term, "COLUMNS": "120"},
        stdin=subprocess.DEVNULL,
        stdout=there,
        stderr=there,
    )
    os.close(there)
    drawn = b""
    try:
        while data := os.read(here, 4096):
            drawn += data
    except OSError:  # how Linux says that the last one on the other side left
        pass
    finally:
        os.close(here)
        process.wait()
    return drawn.decode()


def test_status_line(database_url: str) -> None:
    """A terminal should show a status line with the session and the counts, and lose it before the end."""
    session_id = str(uuid4())
    drawn = in_a_terminal(database_url, "--id", session_id, "--", "sh", "-c", "echo hello; echo 'error: bad'")
    assert "1 info" in drawn
    assert f"session {session_id[:8]}" in drawn
    assert "\r\x1b[2Krecorder: completed" in drawn


def test_status_line_stays_out_of_unfinished_lines(database_url: str) -> None:
    """A prompt without a line's end should not be drawn over."""
    drawn = in_a_terminal(database_url, "--", sys.executable, "-c", "import os; os.write(1, b'Continue? ')")
    assert "Continue? \r\nrecorder: completed" in drawn


def test_dumb_terminal(database_url: str) -> None:
    """A terminal that cannot move its cursor should get plain lines."""
    drawn = in_a_terminal(database_url, "--", "echo", "hello", term="dumb")
    assert "\x1b" not in drawn
    assert "recorder: completed" in drawn


def test_keyboard(database_url: str) -> None:
    """What is typed should reach the command, and Ctrl-C come there once and cancel the session."""
    script = "trap 'echo caught' INT; read line; echo got $line; until [ \"$line\" = end ]; do read line; done"
    process_id, here = pty.fork()
    if process_id == 0:
        os.environ |= {"DATABASE_URL": database_url, "TERM": "xterm"}
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-m", "recorder", "--", "sh", "-c", script])
    try:
        drawn = b""
        for typed, answer in ((b"hello\n", b"got hello"), (b"\x03", b"caught")):
            os.write(here, typed)
            while answer not in drawn:
                drawn += os.read(here, 4096)
        os.write(here, b"end\n")
        with suppress(OSError):
            while data := os.read(here, 4096):
                drawn += data
    finally:
        os.close(here)
        _, status = os.waitpid(process_id, 0)
    assert os.waitstatus_to_exitcode(status) == 130
    assert drawn.count(b"caught") == 1
    assert b"recorder: cancelled (by SIGINT)" in drawn
