"""The stack in one directory: in the background (`up`, `down`), or in the foreground for a program that needs it."""

import fcntl
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from addresses import conninfo, stack_env
from pulse.silence import ANSWER_SECONDS
from stack import postgrest, rundir, settings
from stack.errors import StackError
from stack.health import alive, becomes_healthy
from stack.postgres import Cluster, stop_remains
from stack.process import Program, end, end_recorded, record, recorded, start, wait_ready
from stack.supervisor import Part, forget, supervised
from stack.whole import Stack, stack

_START_SECONDS = 180.0  # the first start makes the cluster
_STOP_SECONDS = 90.0
_ALREADY_UP_SECONDS = 3.0
_LAST_WORDS = re.compile(r"^stack: (.*)", re.MULTILINE | re.DOTALL)
# PostgREST ends when the database is away, and is started again when that is back: by itself it would try to connect
# again only after pauses of up to 32 s.
_SUPERVISED = {"PGRST_DB_POOL_AUTOMATIC_RECOVERY": "false"}


def up(directory: Path) -> None:
    """Starts the stack in the background, and returns once it answers; does nothing if it answers already."""
    with _lock(directory):
        if recorded(directory / "foreground.pid"):
            raise StackError("it runs in the foreground (the demo?): end it with Ctrl-C or 'make down'")
        if _answers(directory):
            print(f"already up: {environment(directory)['PROXY_URL']}")
            return
        _clear(directory)
        _start_server(directory)
    for name, value in environment(directory).items():
        print(f"{name}={conninfo.without_password(value)}")


def down(directory: Path) -> None:
    """Ends the stack, whoever started it and whatever is left of it; does nothing if there is none."""
    with _lock(directory):
        _clear(directory)


def serve(directory: Path) -> None:
    """Runs the stack until SIGTERM: what `up` starts in the background."""
    with _running(directory):
        while True:
            signal.pause()


@contextmanager
def foreground(directory: Path) -> Iterator[Stack]:
    """The stack as long as the context lasts; StackError if it is up already."""
    with _lock(directory):
        if recorded(directory / "stack.pid"):
            raise StackError("the stack is up already: 'make down' ends it")
        if recorded(directory / "foreground.pid"):
            raise StackError("it runs already: end it with Ctrl-C or 'make down'")
        _clear(directory)
        _check(directory)
        record(os.getpid(), directory / "foreground.pid")
    with _running(directory) as parts:
        yield parts


def environment(directory: Path) -> dict[str, str]:
    """Returns what stack.env says: PROXY_URL, DATABASE_URL, POSTGREST_URL; StackError if nothing is up."""
    values = stack_env.read(directory / "stack.env")
    if not values:
        raise StackError("the stack is not up: 'make up' starts it")
    return values


def _clear(directory: Path) -> None:
    """Ends every process of a stack that is written down in `directory`, and removes what it left but its data."""
    for name in ("foreground", "stack"):
        end_recorded(directory / f"{name}.pid", grace=_STOP_SECONDS)
    _clear_parts(directory)


@contextmanager
def _running(directory: Path) -> Iterator[Stack]:
    """The stack as the environment wants it, with its stack.env; what dies of it is started again."""
    try:
        with (
            stack(
                directory,
                port=settings.proxy_port(),
                database_url=settings.database_url(directory),
                authenticator_password=os.environ.get("AUTHENTICATOR_PASSWORD"),
                env={**os.environ, **_SUPERVISED},
            ) as parts,
            supervised(_parts(parts), directory),
        ):
            stack_env.write(
                directory / "stack.env",
                {
                    "PROXY_URL": parts.proxy_url,
                    "DATABASE_URL": parts.database_url,
                    "POSTGREST_URL": parts.postgrest_url,
                },
            )
            yield parts
    finally:
        _clear_parts(directory)
        (directory / "foreground.pid").unlink(missing_ok=True)


def _parts(running: Stack) -> list[Part]:
    """What may die, in the order in which it was started."""
    rest, front = running.postgrest, running.proxy
    return [
        *([_server(running.cluster)] if running.cluster else []),
        _part(
            rest.program,
            lambda: postgrest.answers(rest.url, ANSWER_SECONDS),
            lambda: postgrest.refused(rest.program.env["PGRST_DB_URI"]),
        ),
        _part(front.program, lambda: alive(front.url, ANSWER_SECONDS)),
    ]


def _server(server: Cluster) -> Part:
    """A database, of which nothing is ever killed: one that is paused may be somebody's backup or debugger."""
    return Part("postgres", server.log_path, server.runs, server.start, lambda: server.answers(ANSWER_SECONDS))


def _part(program: Program, answers: Callable[[], bool], misses: Callable[[], str | None] = lambda: None) -> Part:
    return Part(
        name=program.log_path.stem,
        log=program.log_path,
        runs=program.runs,
        start=program.start_again,
        answers=answers,
        kill=program.kill,
        misses=misses,
    )


def _clear_parts(directory: Path) -> None:
    (directory / "stack.env").unlink(missing_ok=True)
    forget(directory)
    for name in ("proxy", "postgrest"):
        end_recorded(directory / f"{name}.pid")
    rundir.remove(directory / "run")
    stop_remains(directory / "postgres")


def _start_server(directory: Path) -> None:
    _check(directory)
    log = directory / "stack.log"
    command = [sys.executable, "-m", "stack", "--directory", str(directory), "serve"]
    process = start(command, env=os.environ, log=log)
    try:
        wait_ready(process, (directory / "stack.env").exists, log=log, seconds=_START_SECONDS)
    except BaseException as error:
        end(process, grace=_STOP_SECONDS)
        _clear(directory)
        if isinstance(error, StackError) and (said := _LAST_WORDS.search(log.read_text(errors="replace"))):
            raise StackError(said[1].rstrip()) from None
        raise


def _check(directory: Path) -> None:
    """StackError with what is wrong in the environment, before anything is started."""
    settings.proxy_port()
    if url := settings.database_url(directory):
        settings.writable(url)


def _answers(directory: Path) -> bool:
    if recorded(directory / "stack.pid") is None or not (directory / "stack.env").exists():
        return False
    return becomes_healthy(environment(directory)["PROXY_URL"], _ALREADY_UP_SECONDS)


@contextmanager
def _lock(directory: Path) -> Iterator[None]:
    """One `up`, `down` or start in the foreground at a time."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
