"""The demo's data: sample sessions, then live recordings of this repository's own commands until interrupted."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

import psycopg
from psycopg.conninfo import conninfo_to_dict

from recorder.samples import BIG_EVENTS, SAMPLES, fill
from recorder.settings import ROOT, events_url, page_url
from recorder.statements import SESSION_EXISTS

PAUSE_SECONDS = 30.0
# More than the recorder grants its command, so that it can still write how the session ended.
STOP_SECONDS = 15.0
START_POLL_SECONDS = 0.05
LIBPQ = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
# The tests must not take the demo's own database for one to test on.
WITHOUT_DATABASE = ("env", "-u", "DATABASE_URL", "-u", "PROXY_URL", "-u", "PROXY_PORT", "-u", "API_KEYS")


class LiveCommand(NamedTuple):
    """A command to record under a name; `libpq` hands it the demo's database in libpq's own variables."""

    name: str
    arguments: tuple[str, ...]
    libpq: bool = False


class Address(NamedTuple):
    """Where to record to and where the records can be seen."""

    database_url: str
    proxy_url: str


def run(database_url: str, proxy_url: str, commands: Sequence[LiveCommand] | None = None) -> None:
    """Fills the samples, prints where to look, and records `commands` in turn until Ctrl-C.

    Without `commands`, those of this repository that can run here. Returns after KeyboardInterrupt; whatever ends it,
    running recordings are ended first, and their sessions marked cancelled. Raises psycopg.Error without a database.
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        fill(connection)
    watched = events_url(proxy_url, SAMPLES["big"].id)
    watch = LiveCommand("watch the API", (sys.executable, "-m", "recorder.watch", watched))
    address = Address(database_url, proxy_url)
    live_id = uuid4()
    try:
        with _recording(watch, live_id, address) as recorder:
            _wait_for_session(recorder, live_id, address)
            print(guide(proxy_url, live_id), flush=True)
            _record_in_turn(repository_commands() if commands is None else commands, address)
    except KeyboardInterrupt:
        print("demo: the live sessions are ended", flush=True)


def repository_commands() -> list[LiveCommand]:
    """What this repository can do on this machine without touching anything: its migrations' state and its tests."""
    commands = []
    if shutil.which("sqitch"):
        commands.append(LiveCommand("migrations: status", ("sqitch", "status", "db:pg:"), libpq=True))
        commands.append(LiveCommand("migrations: verify", ("sqitch", "verify", "db:pg:"), libpq=True))
    suites = [f"tests/{name}" for name in ("recorder", "proxy") if (ROOT / "tests" / name).is_dir()]
    if suites:
        # the demo's own tests would start a demo in the demo
        options = ("-v", "--color=yes", "--ignore=tests/recorder/test_demo.py")
        commands.append(LiveCommand("tests", (*WITHOUT_DATABASE, sys.executable, "-m", "pytest", *options, *suites)))
    return commands


def guide(proxy_url: str, live_id: UUID) -> str:
    """What to open and what to type, as text for a terminal."""
    key = ' -H "X-API-Key: $API_KEY"' if os.environ.get("API_KEYS") or os.environ.get("API_KEYS_FILE") else ""
    curl = f"curl -sS --compressed{key}"
    live = events_url(proxy_url, live_id)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    failed, big = (events_url(proxy_url, SAMPLES[key].id) for key in ("failed", "big"))
    read_cursor = "python3 -c 'import json, sys; print(json.load(sys.stdin)[\"cursor\"])'"
    pages = "\n".join(f"  {sample.title:<40} {page_url(proxy_url, sample.id)}" for sample in SAMPLES.values())
    return f"""
Pages
  {"LIVE, grows every second":<40} {page_url(proxy_url, live_id)}
{pages}

The newest five events of the live session
  {curl} '{live}?limit=5'
Only errors, of a session that failed
  {curl} '{failed}?event_type=error'
The second page of {BIG_EVENTS:,} events
  {curl} '{big}?limit=1000&page=2'
What is new since a time
  {curl} '{live}?since={now}'
What is new since an answer: nothing is lost, nothing comes twice while nobody else writes
  cursor=$({curl} '{live}?limit=1' | {read_cursor})
  {curl} -G --data-urlencode "cursor=$cursor" '{live}'

Ctrl-C ends it. Recorded meanwhile:"""


def _record_in_turn(commands: Sequence[LiveCommand], address: Address) -> None:
    """Records the commands one after the other, for ever."""
    while True:
        for command in commands:
            session_id = uuid4()
            print(f"  {command.name:<40} {page_url(address.proxy_url, session_id)}", flush=True)
            with _recording(command, session_id, address) as recorder:
                recorder.wait()
            time.sleep(PAUSE_SECONDS)
        if not commands:
            time.sleep(PAUSE_SECONDS)


@contextmanager
def _recording(command: LiveCommand, session_id: UUID, address: Address) -> Iterator[subprocess.Popen[bytes]]:
    """A recorder in a process of its own, ended on leaving. Its input stays open as long as this process lives."""
    recorder = subprocess.Popen(
        [sys.executable, "-m", "recorder", "--id", str(session_id), "--name", command.name, "--", *command.arguments],
        cwd=ROOT,
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
            recorder.wait(STOP_SECONDS)
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
            time.sleep(START_POLL_SECONDS)


def _environment(command: LiveCommand, address: Address) -> dict[str, str]:
    """The database goes to the recorder and to sqitch here, not in arguments, which everybody can read."""
    environment = {**os.environ, "DATABASE_URL": address.database_url, "PROXY_URL": address.proxy_url}
    if command.libpq:
        values = conninfo_to_dict(address.database_url)
        environment |= {name: str(values[key]) for key, name in LIBPQ.items() if values.get(key)}
    return environment
