"""The demo's data: sample sessions, then live recordings of this repository's own commands until it is ended."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, NoReturn
from uuid import UUID, uuid4

import psycopg

from addresses import conninfo
from demo.directory import Directory, directory
from demo.guide import guide, line
from demo.samples import SAMPLES, fill
from recorder.settings import events_url, page_url
from recorder.statements import SESSION_EXISTS
from stack.binaries import REPOSITORY

# Tests whose output is a lively session, and whose names the recorder takes for no errors.
SUITE = "tests/openapi"
# Between recordings: some seconds, and long enough that the demo leaves the machine to others.
_PAUSE_SECONDS = 30.0
_PAUSE_PER_SECOND = 20.0
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
    address = Address(database_url, proxy_url)
    watched = events_url(proxy_url, SAMPLES["big"].id)
    watch = LiveCommand("watch the API", (sys.executable, "-m", "demo.watch", watched))
    live_id = uuid4()
    with psycopg.connect(database_url, autocommit=True) as connection, directory(connection) as listed:
        fill(connection)
        for sample in SAMPLES.values():
            listed.add(sample.title, sample.id)
        with _recording(watch, live_id, address) as recorder:
            _wait_for_session(recorder, live_id, connection)
            listed.add(watch.name, live_id)
            print(guide(proxy_url, live_id), flush=True)
            _record_in_turn(repository_commands(proxy_url) if commands is None else commands, address, listed)


def repository_commands(proxy_url: str) -> list[LiveCommand]:
    """Returns what this repository can do here without touching anything.

    It follows a session that is not there, which fails; it asks for its migrations' state; it runs tests.
    """
    follow = (sys.executable, "examples/poll_events.py", str(UUID(int=0)), "--url", proxy_url)
    commands = [LiveCommand("follow a session that is not there", follow)]
    if shutil.which("sqitch"):
        commands.append(LiveCommand("migrations: status", ("sqitch", "status", "db:pg:"), libpq=True))
        commands.append(LiveCommand("migrations: verify", ("sqitch", "verify", "db:pg:"), libpq=True))
    pytest = (sys.executable, "-m", "pytest", "-v", "--color=yes", SUITE)
    return [*commands, LiveCommand("tests", (*_WITHOUT_DATABASE, *pytest))]


def _record_in_turn(commands: Sequence[LiveCommand], address: Address, listed: Directory) -> NoReturn:
    """Records the commands one after the other, for ever, and names them in the list."""
    while True:
        for command in commands:
            session_id = uuid4()
            listed.add(command.name, session_id)
            print(line(command.name, page_url(address.proxy_url, session_id)), flush=True)
            started = time.monotonic()
            with _recording(command, session_id, address) as recorder:
                recorder.wait()
            time.sleep(max(_PAUSE_SECONDS, _PAUSE_PER_SECOND * (time.monotonic() - started)))


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


def _wait_for_session(recorder: subprocess.Popen[bytes], session_id: UUID, connection: psycopg.Connection[Any]) -> None:
    """Returns once the session can be read, so that no printed address leads nowhere; or if its recorder has ended."""
    while recorder.poll() is None:
        (there,) = connection.execute(SESSION_EXISTS, {"id": session_id}).fetchone() or (False,)
        if there:
            return
        time.sleep(_START_POLL_SECONDS)


def _environment(command: LiveCommand, address: Address) -> dict[str, str]:
    """The database goes to the recorder and to sqitch here, not in arguments, which everybody can read."""
    variables = conninfo.environment(address.database_url) if command.libpq else {}
    return {**os.environ, **variables, "DATABASE_URL": address.database_url, "PROXY_URL": address.proxy_url}
