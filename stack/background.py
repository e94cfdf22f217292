"""The stack in `.local/`: in the background (`up`, `down`), or in the foreground with samples (`demo`)."""

import fcntl
import os
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from stack import conninfo, rundir, settings
from stack.errors import StackError
from stack.health import becomes_healthy
from stack.postgres import stop_remains
from stack.process import end, end_recorded, record, recorded, start, wait_ready
from stack.whole import Stack, stack

START_SECONDS = 180.0  # the first start makes the cluster
STOP_SECONDS = 90.0
ALREADY_UP_SECONDS = 3.0


def up(directory: Path) -> None:
    """Start the stack in the background, and return once it answers; nothing if it does already."""
    with _lock(directory):
        if recorded(directory / "demo.pid"):
            raise StackError("the demo is running: end it with Ctrl-C or 'make down'")
        if _answers(directory):
            print(f"already up: {environment(directory)['PROXY_URL']}")
            return
        clear(directory)
        _start_server(directory)
    for name, value in environment(directory).items():
        print(f"{name}={_without_password(value)}")


def down(directory: Path) -> None:
    """End the stack, whoever started it and whatever is left of it; nothing if there is none."""
    with _lock(directory):
        clear(directory)


def serve(directory: Path) -> None:
    """Run the stack until SIGTERM: what `up` starts in the background."""
    with _running(directory):
        while True:
            signal.pause()


def demo(directory: Path) -> None:
    """Run the stack with sample sessions, and record live ones, until Ctrl-C or SIGTERM."""
    from recorder.demo import run  # noqa: PLC0415  only the demo needs it

    with _lock(directory):
        if recorded(directory / "stack.pid"):
            raise StackError("the stack is up already: 'make down' ends it")
        if recorded(directory / "demo.pid"):
            raise StackError("the demo is running already: end it with Ctrl-C or 'make down'")
        clear(directory)
        record(os.getpid(), directory / "demo.pid")
    with _running(directory) as parts:
        run(database_url=parts.database_url, proxy_url=parts.proxy_url)


def clear(directory: Path) -> None:
    """End every process of a stack that is written down in `directory`, and remove what it left behind but its data."""
    for name in ("demo", "stack"):
        end_recorded(directory / f"{name}.pid", grace=STOP_SECONDS)
    _clear_parts(directory)


def environment(directory: Path) -> dict[str, str]:
    """What stack.env says: PROXY_URL, DATABASE_URL, POSTGREST_URL; StackError if nothing is up."""
    try:
        lines = (directory / "stack.env").read_text().splitlines()
    except FileNotFoundError:
        raise StackError("the stack is not up: 'make up' starts it") from None
    return dict(word.split("=", 1) for line in lines for word in shlex.split(line))


@contextmanager
def _running(directory: Path) -> Iterator[Stack]:
    """The stack as the environment wants it, with its stack.env."""
    try:
        port, database_url = settings.proxy_port(), settings.database_url(directory)
        with stack(directory, database_url=database_url, port=port, env=os.environ) as parts:
            _write_environment(directory, parts)
            yield parts
    finally:
        _clear_parts(directory)
        (directory / "demo.pid").unlink(missing_ok=True)


def _clear_parts(directory: Path) -> None:
    (directory / "stack.env").unlink(missing_ok=True)
    for name in ("proxy", "postgrest"):
        end_recorded(directory / f"{name}.pid")
    rundir.remove(directory / "run")
    stop_remains(directory / "postgres")


def _start_server(directory: Path) -> None:
    settings.proxy_port()  # says what is wrong before anything is started
    log = directory / "stack.log"
    command = [sys.executable, "-m", "stack", "--directory", str(directory), "serve"]
    process = start(command, env=os.environ, log=log)
    try:
        wait_ready(process, (directory / "stack.env").exists, log=log, seconds=START_SECONDS)
    except BaseException:
        end(process, grace=STOP_SECONDS)
        clear(directory)
        raise


def _answers(directory: Path) -> bool:
    if recorded(directory / "stack.pid") is None or not (directory / "stack.env").exists():
        return False
    return becomes_healthy(environment(directory)["PROXY_URL"], ALREADY_UP_SECONDS)


def _write_environment(directory: Path, parts: Stack) -> None:
    """Write stack.env, whole at once: for `up` its being there means that the stack is ready."""
    values = {
        "PROXY_URL": parts.proxy_url,
        "DATABASE_URL": parts.database_url,
        "POSTGREST_URL": parts.postgrest_url,
    }
    draft = directory / "stack.env.draft"
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    # A URI with a quote in it would be quoted in a way that only a shell reads; percent-encoded it is the same URI.
    draft.write_text(
        "".join(f"{name}={shlex.quote(value.replace(chr(39), '%27'))}\n" for name, value in values.items())
    )
    draft.rename(directory / "stack.env")


def _without_password(value: str) -> str:
    if not value.startswith("postgresql://"):
        return value
    values = conninfo.parameters(value)
    return conninfo.uri({**values, "password": "..."} if "password" in values else values)


@contextmanager
def _lock(directory: Path) -> Iterator[None]:
    """One `up`, `down` or start of the demo at a time."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def end_on_signals(*, interrupted: int) -> None:
    """Leave the program by its context managers at the first Ctrl-C, SIGTERM or hang-up; more change nothing.

    `interrupted` is the exit status after Ctrl-C.
    """
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stay(_number: int, _frame: FrameType | None) -> None:
        """Not SIG_IGN, which the programs that we start in order to stop would inherit."""

    def leave(number: int, _frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, stay)
        raise SystemExit(interrupted if number == signal.SIGINT else 128 + number)

    for each in signals:
        signal.signal(each, leave)
