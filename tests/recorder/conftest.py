"""Runs the recorder as a person does and reads back what it recorded."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import DictRow, dict_row

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_SECONDS = 60
Row = dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """A finished recorder: what it left in the terminal and in the database; `lines` are the events of output."""

    exit_code: int
    stdout: bytes
    stderr: bytes
    session: Row
    step: Row
    events: list[Row]

    @property
    def lines(self) -> list[Row]:
        """The events of output lines, in the order in which they were written."""
        return [event for event in self.events if "stream" in event["event_data"]]

    @property
    def types(self) -> list[str]:
        """The types of all events, in the order in which they were written."""
        return [event["event_type"] for event in self.events]

    def messages(self, stream: str = "stdout") -> list[str]:
        """The recorded lines of one stream."""
        return [event["message"] for event in self.lines if event["event_data"]["stream"] == stream]


class Recorder:
    """A running recorder; leaving the `with` ends it whatever happened."""

    def __init__(self, connection: psycopg.Connection[DictRow], database_url: str, arguments: Sequence[str]) -> None:
        self.id = uuid4()
        self._connection = connection
        self._process = subprocess.Popen(
            [sys.executable, "-m", "recorder", "--id", str(self.id), *arguments],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": database_url, "PROXY_URL": "http://127.0.0.1:8000/"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._process.kill()
        self._process.communicate()

    def wait_for(self, line: bytes) -> None:
        """Reads the recorder's stdout up to a line, which is then recorded or about to be."""
        assert self._process.stdout
        for seen in self._process.stdout:
            if seen.rstrip() == line:
                return
        pytest.fail(f"the recorder ended without {line!r}")

    def send_line(self, line: bytes) -> None:
        """Writes a line to the command's input."""
        assert self._process.stdin
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()

    def close_stdout(self) -> None:
        """Stops reading, as `head` does."""
        assert self._process.stdout
        self._process.stdout.close()
        self._process.stdout = None

    def send_signal(self, number: int) -> None:
        """Sends a signal to the recorder alone."""
        self._process.send_signal(number)

    def events(self) -> list[Row]:
        """What other connections can see now, oldest first."""
        query = "select * from public.events where session_id = %s order by timestamp, id"
        return self._connection.execute(query, (self.id,)).fetchall()

    def result(self, given: bytes | None = None) -> Recorded:
        """Waits for the end, after writing `given` to the command's input and closing it."""
        stdout, stderr = self._process.communicate(given, timeout=TIMEOUT_SECONDS)
        session = self._connection.execute("select * from public.sessions where id = %s", (self.id,)).fetchone()
        step = self._connection.execute("select * from public.steps where session_id = %s", (self.id,)).fetchone()
        assert session, stderr
        assert step, stderr
        return Recorded(self._process.returncode, stdout or b"", stderr, session, step, self.events())


@dataclass(frozen=True)
class Recorders:
    """Starts recorders on the test's database."""

    connection: psycopg.Connection[DictRow]
    database_url: str

    def start(self, *arguments: str) -> Recorder:
        """Starts `python -m recorder` with these arguments."""
        return Recorder(self.connection, self.database_url, arguments)

    def shell(self, script: str, *, given: bytes | None = None) -> Recorded:
        """Records a shell script to its end."""
        with self.start("--", "sh", "-c", script) as recorder:
            return recorder.result(given)

    def python(self, program: str) -> Recorded:
        """Records a Python program to its end."""
        with self.start("--", sys.executable, "-c", program) as recorder:
            return recorder.result()


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection[DictRow]]:
    """The owner's view of the test database."""
    with psycopg.connect(database_url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture
def recorders(connection: psycopg.Connection[DictRow], database_url: str) -> Recorders:
    """Starts recorders on the test database."""
    return Recorders(connection, database_url)
