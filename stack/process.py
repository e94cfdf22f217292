"""Starts a program, waits until it is ready, ends it: by its own pid, never by a name."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from stack.binaries import REPOSITORY
from stack.errors import StackError, tail
from stack.signals import uninterrupted

POLL = 0.02
_GRACE = 20.0
START = 30.0
_CLOCK_STEP = 2.0  # seconds; creation times are counted from the boot time, which moves when the clock is set
_PLAIN = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "STACK_DATA", "TMPDIR", "TZ", "VIRTUAL_ENV")


def plain_environment() -> dict[str, str]:
    """What a program needs of our environment, without any of its settings."""
    return {name: os.environ[name] for name in _PLAIN if name in os.environ}


def start(
    command: Sequence[str | Path], *, env: Mapping[str, str], log: Path, again: bool = False
) -> subprocess.Popen[bytes]:
    """Starts a program with its output in `log`, and who it is in the `.pid` file beside it, for `end_recorded`.

    A new log, unless it is started `again`: then what it said before stays.
    """
    # Told to end between the two, this program would leave behind one that nobody knows.
    with uninterrupted(), log.open("ab" if again else "wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=REPOSITORY,
            start_new_session=True,  # the terminal's Ctrl-C must not end it before its turn
        )
        record(process.pid, log.with_suffix(".pid"))
    return process


def wait_ready(
    process: subprocess.Popen[bytes], ready: Callable[[], bool], *, log: Path, seconds: float = START
) -> None:
    """Returns as soon as `ready()`; StackError with the log's tail if the program ends before, or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        try:
            process.wait(POLL)
        except subprocess.TimeoutExpired:
            if time.monotonic() < deadline:
                continue
            raise StackError(f"{log.stem} is not ready after {seconds:.0f} s; its log ends:\n{tail(log)}") from None
        raise StackError(f"{log.stem} ended with status {process.returncode}; its log ends:\n{tail(log)}")


def end(process: subprocess.Popen[bytes], *, grace: float = _GRACE) -> None:
    """Sends SIGTERM, and SIGKILL if it is still there after `grace` seconds."""
    process.terminate()
    process.send_signal(signal.SIGCONT)  # one that is paused hears nothing else
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class Program:
    """A program that has been started, and can be started again, as the same one, once it has ended."""

    def __init__(self, command: Sequence[str | Path], *, env: Mapping[str, str], log: Path) -> None:
        self.env = dict(env)
        self.log_path = log
        self.process = start(command, env=env, log=log)
        self._command = command

    @property
    def pid(self) -> int:
        """The pid that it has, or had last."""
        return self.process.pid

    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def kill(self) -> None:
        """Sends SIGKILL, which also ends one that is paused."""
        self.process.kill()

    def start_again(self) -> None:
        """Starts it, without a wait until it is ready."""
        self.process = start(self._command, env=self.env, log=self.log_path, again=True)


@dataclass(frozen=True)
class Running:
    """A server that is ready."""

    url: str
    program: Program

    @property
    def pid(self) -> int:
        """The pid that it has, or had last."""
        return self.program.pid

    @property
    def log_path(self) -> Path:
        """Where it writes what it says."""
        return self.program.log_path


@contextmanager
def running(
    command: Sequence[str | Path], *, env: Mapping[str, str], log: Path, ready: Callable[[], bool]
) -> Iterator[Program]:
    """A program that is ready inside the context and has ended after it."""
    program = Program(command, env=env, log=log)
    try:
        wait_ready(program.process, ready, log=log)
        yield program
    finally:
        end(program.process)
        log.with_suffix(".pid").unlink(missing_ok=True)


def record(pid: int, file: Path) -> None:
    """Writes down who a process is: a pid alone may be another program's tomorrow."""
    try:
        created = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return
    file.write_text(json.dumps({"pid": pid, "created": created}))


def recorded(file: Path) -> psutil.Process | None:
    """The process written down in `file`, if it is the same one and still runs."""
    try:
        known = json.loads(file.read_text())
        process = psutil.Process(known["pid"])
        same = abs(process.create_time() - known["created"]) < _CLOCK_STEP
    except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
        return None
    return process if same and alive(process) else None


def end_recorded(file: Path, *, grace: float = _GRACE) -> None:
    """Ends the process written down in `file`, whoever started it, and forgets it."""
    process = recorded(file)
    if process is not None:
        end_process(process, grace=grace)
    file.unlink(missing_ok=True)


def end_process(process: psutil.Process, *, grace: float = _GRACE) -> None:
    """`end` for a process that need not be our child."""
    try:
        process.terminate()
        process.resume()  # one that is paused hears nothing else
        wait_gone(process, grace)
        if alive(process):
            process.kill()
            wait_gone(process, grace)
    except psutil.NoSuchProcess:
        return


def alive(process: psutil.Process) -> bool:
    """Whether it runs; one that only waits for its parent to look (a zombie) does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_gone(process: psutil.Process, seconds: float) -> bool:
    """Waits until it has ended, at most `seconds`; says whether it has."""
    deadline = time.monotonic() + seconds
    while alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True
