"""The demo's data: sample sessions, then live recordings of this repository's own commands until it is ended."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple, NoReturn
from uuid import UUID, uuid4

import psycopg

from addresses import conninfo
from demo.guide import guide, line
from demo.samples import SAMPLES, fill
from recorder.settings import events_url, page_url
from recorder.statements import SESSION_EXISTS
from stack.binaries import REPOSITORY

SUITE = "tests/recorder"  # a minute of tests, whose output is a lively session
_PAUSE_SECONDS = 30.0
# More than the recorder grants its command, so that it can still write how the session ended.
_STOP_SECONDS = 15.0
_START_POLL_SECONDS = 0.05
# The tests must not take the demo's own database for one to test on.
_WITHOUT_DATABASE = ("env", "-u", "DATABASE_URL", "-u", "PROXY_URL", "-u", "PROXY_PORT", "-u", "API_KEYS")


class LiveCommand(NamedTuple):
    """A command to record under a name; `libpq` hands it the demo's database in libpq's own variables."""

    name: str
    arguments: tuple[str, ...]
    libpq: bool = False


class Address(NamedTuple):
    """Where to record to and where the records can be seen."""

    database_url: str
    proxy_url: str


def run(database_url: str, proxy_url: str, commands: Sequence[LiveCommand] | None = None) -> NoReturn:
    """Fills the samples, prints where to look, and records `commands` in turn for ever.

    Without `commands`, those of this repository that can run here. Whatever ends it, running recordings are ended
    first, and their sessions marked cancelled. Raises psycopg.Error without a database.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        fill(connection)
    watched = events_url(proxy_url, SAMPLES["big"].id)
    watch = LiveCommand("watch the API", (sys.executable, "-m", "demo.watch", watched))
    address = Address(database_url, proxy_url)
    live_id = uuid4()
    with _recording(watch, live_id, address) as recorder:
        _wait_for_session(recorder, live_id, address)
        print(guide(proxy_url, live_id), flush=True)
        _record_in_turn(repository_commands() if commands is None else commands, address)


def repository_commands() -> list[LiveCommand]:
    """Returns what this repository can do here without touching anything: its migrations' state and its tests."""
    commands = []
    if shutil.which("sqitch"):
        commands.append(LiveCommand("migrations: status", ("sqitch", "status", "db:pg:"), libpq=True))
        commands.append(LiveCommand("migrations: verify", ("sqitch", "verify", "db:pg:"), libpq=True))
    pytest = (sys.executable, "-m", "pytest", "-v", "--color=yes", SUITE)
    return [*commands, LiveCommand("tests", (*_WITHOUT_DATABASE, *pytest))]


def _record_in_turn(commands: Sequence[LiveCommand], address: Address) -> NoReturn:
    """Records the commands one after the other, for ever."""
    while True:
        for command in commands:
            session_id = uuid4()
            print(line(command.name, page_url(address.proxy_url, session_id)), flush=True)
            with _recording(command, session_id, address) as recorder:
                recorder.wait()
            time.sleep(_PAUSE_SECONDS)


@contextmanager
def _recording(command: LiveCommand, session_id: UUID, address: Address) -> Iterator[subprocess.Popen[bytes]]:
    """A recorder in a process of its own, ended on leaving. Its input stays open as long as this process lives."""
    recorder = subprocess.Popen(
        [sys.executable, "-m", "recorder", "--id", str(session_id), "--name", command.name, "--", *command.arguments],
        cwd=REPOSITORY,
        env=_environment(command, address),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,  # the terminal's Ctrl-C reaches it through us, once
    )
    try:
        yield recorder
    finally:
        # SIGINT, so that a recorded test run still tears its fixtures down
        recorder.send_signal(signal.SIGINT)
        try:
            recorder.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            recorder.kill()
            recorder.wait()
        if recorder.stdin:
            recorder.stdin.close()


def _wait_for_session(recorder: subprocess.Popen[bytes], session_id: UUID, address: Address) -> None:
    """Returns once the session can be read, so that no printed address leads nowhere; or if its recorder has ended."""
    with psycopg.connect(address.database_url, autocommit=True) as connection:
        while recorder.poll() is None:
            (there,) = connection.execute(SESSION_EXISTS, {"id": session_id}).fetchone() or (False,)
            if there:
                return
            time.sleep(_START_POLL_SECONDS)


def _environment(command: LiveCommand, address: Address) -> dict[str, str]:
    """The database goes to the recorder and to sqitch here, not in arguments, which everybody can read."""
    variables = conninfo.environment(address.database_url) if command.libpq else {}
    return {**os.environ, **variables, "DATABASE_URL": address.database_url, "PROXY_URL": address.proxy_url}
