"""Records one command from its start to its end: the one place where command, session and terminal meet."""

import shlex
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from recorder.command import Command, Signals, Stream
from recorder.levels import Level, level_of
from recorder.lines import Line, LineSplitter
from recorder.progress import Progress
from recorder.session import Outcome, Session, connect
from recorder.settings import Settings
from recorder.text import shown_argument, visible

EXIT_NO_DATABASE = 69
_EXIT_RECORDING_LOST = 74
_EXIT_NOT_EXECUTABLE = 126
_EXIT_NOT_FOUND = 127


class Recording:
    """The events of one command. Once the database fails it writes nothing more, and counts what it did not write."""

    def __init__(self, session: Session, progress: Progress) -> None:
        self.counts: Counter[Level] = Counter()
        self.lost = 0
        self.failure: str | None = None
        self._session = session
        self._progress = progress
        self._started = time.monotonic()
        self._numbers: Counter[Stream] = Counter()

    @property
    def elapsed_ms(self) -> int:
        """Milliseconds since the recording began."""
        return int((time.monotonic() - self._started) * 1000)

    def line(self, stream: Stream, line: Line) -> None:
        """Records one line, or one part of a very long one."""
        message = visible(line.data)
        level = level_of(message)
        if line.part < 2:
            self._numbers[stream] += 1
        data: dict[str, Any] = {"stream": stream, "line": self._numbers[stream], "elapsed_ms": self.elapsed_ms}
        if line.redraw:
            data["redraw"] = True
        if line.part:
            data |= {"part": line.part, "continues": line.continues}
        self.note(level, message, data)

    def note(self, level: Level, message: str, data: Mapping[str, Any]) -> None:
        """Records one event of a level."""
        self.counts[level] += 1
        if self.failure is None:
            try:
                self._session.event(level, message, data)
                return
            except psycopg.Error as error:
                self._fail(error)
        self.lost += 1

    def end(self, outcome: Outcome, database_url: str) -> bool:
        """Ends the session, through a new connection where the first one failed. Says whether all is recorded."""
        if self.failure is None:
            try:
                self._session.end(outcome)
                return True
            except psycopg.Error as error:
                self._fail(error)
        try:
            with connect(database_url, self._session.id) as connection:
                self._session.resume(connection)
                self._end_after_failure(outcome)
        except psycopg.Error as error:
            self._progress.say(f"session {self._session.id} stays in_progress: {one_line(error)}")
            return False
        return self.lost == 0

    def _end_after_failure(self, outcome: Outcome) -> None:
        """Tells the session's readers that its events are incomplete, if they are."""
        if self.lost:
            loss = f"the recording lost {self.lost} events: {self.failure}"
            self._session.event("error", loss, {"lost_events": self.lost})
            outcome = Outcome(
                "failed" if outcome.status == "completed" else outcome.status,
                loss if outcome.reason is None else f"{outcome.reason}; {loss}",
                {**outcome.facts, "lost_events": self.lost},
            )
        self._session.end(outcome)

    def _fail(self, error: psycopg.Error) -> None:
        self.failure = one_line(error)
        self._progress.say(f"the database failed, output from here on is NOT recorded: {self.failure}")


def record(arguments: Sequence[str], name: str | None, session_id: UUID, settings: Settings, progress: Progress) -> int:
    """Runs the command and records it. Returns the exit code to leave with.

    That is the command's; 128 + n where signal n cancelled it; 74 where it succeeded but its recording is incomplete.
    Raises psycopg.Error where the session cannot be begun: then the command was not started.
    """
    command = [shown_argument(argument) for argument in arguments]
    shown = shlex.join(command)
    with connect(settings.database_url, session_id) as connection, Signals() as signals:
        session = Session(connection, session_id)
        session.begin(command, shown, name, shown_argument(str(Path.cwd())))
        progress.started(session_id, settings.proxy_url)
        recording = Recording(session, progress)
        outcome, exit_code = _run(arguments, signals, recording, progress)
        if not recording.end(outcome, settings.database_url):
            exit_code = exit_code or _EXIT_RECORDING_LOST
    progress.say(_summary(outcome, recording))
    return exit_code


def _run(arguments: Sequence[str], signals: Signals, recording: Recording, progress: Progress) -> tuple[Outcome, int]:
    try:
        command = Command(arguments, signals)
    except OSError as error:
        return _not_started(arguments[0], error, recording, progress)
    with command:
        _follow(command, recording, progress)
    if command.left_open and command.cancelled_by is None:
        recording.note(
            "warning",
            "A process that the command left behind still holds its output: what it writes now is not recorded",
            {"elapsed_ms": recording.elapsed_ms},
        )
    return _outcome(command, recording)


def _follow(command: Command, recording: Recording, progress: Progress) -> None:
    """Passes the output on and records its lines until the command has ended."""
    splitters: dict[Stream, LineSplitter] = {"stdout": LineSplitter(), "stderr": LineSplitter()}
    for output in command.output():
        if output is not None:
            stream, data = output
            try:
                progress.write(stream, data)
            except BrokenPipeError:
                command.close(stream)
            for line in splitters[stream].feed(data):
                recording.line(stream, line)
        progress.show(recording.counts)
    for stream, splitter in splitters.items():
        for line in splitter.flush():
            recording.line(stream, line)


def _outcome(command: Command, recording: Recording) -> tuple[Outcome, int]:
    exit_code = command.exit_code
    facts = _facts(exit_code, recording)
    if command.cancelled_by is not None:
        facts["signal"] = command.cancelled_by.name
        return Outcome("cancelled", f"by {command.cancelled_by.name}", facts), 128 + command.cancelled_by
    if exit_code == 0:
        return Outcome("completed", None, facts), 0
    if command.killed_by is not None:
        facts["signal"] = command.killed_by
        return Outcome("failed", f"killed by {command.killed_by}", facts), exit_code
    return Outcome("failed", f"exit status {exit_code}", facts), exit_code


def _not_started(program: str, error: OSError, recording: Recording, progress: Progress) -> tuple[Outcome, int]:
    exit_code = _EXIT_NOT_FOUND if isinstance(error, FileNotFoundError) else _EXIT_NOT_EXECUTABLE
    words = "command not found" if exit_code == _EXIT_NOT_FOUND else (error.strerror or "cannot be executed").lower()
    message = f"{shown_argument(program)}: {words}"
    progress.say(message)
    recording.note("error", message, {"errno": error.errno, "elapsed_ms": recording.elapsed_ms})
    return Outcome("failed", message, _facts(exit_code, recording)), exit_code


def _facts(exit_code: int, recording: Recording) -> dict[str, Any]:
    """What is known at the end, as it stands in event_data and in the session's result."""
    counts = {level: recording.counts[level] for level in ("info", "warning", "error")}
    return {"exit_code": exit_code, "duration_ms": recording.elapsed_ms, "events": counts}


def _summary(outcome: Outcome, recording: Recording) -> str:
    words = outcome.status if outcome.reason is None else f"{outcome.status} ({outcome.reason})"
    counts = recording.counts
    told = f"{counts['info']} info, {counts['warning']} warning, {counts['error']} error"
    lost = f"; {recording.lost} events NOT recorded" if recording.lost else ""
    return f"{words} after {outcome.facts['duration_ms'] / 1000:.1f} s: {told}{lost}"


def one_line(error: Exception) -> str:
    """The first line of a database's message, which names host and user but no password."""
    with suppress(IndexError):
        return str(error).splitlines()[0]
    return type(error).__name__
