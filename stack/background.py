"""The stack in one directory: in the background (`up`, `down`), or in the foreground for a program that needs it."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from addresses import conninfo, stack_env
from pulse.silence import ANSWER_SECONDS
from stack import postgrest, rundir, settings
from stack.errors import StackError
from stack.health import alive, becomes_healthy
from stack.postgres import Cluster, stop_remains
from stack.process import Program, end_recorded, record, recorded
from stack.server import locked, start_server
from stack.supervisor import Part, forget, supervised
from stack.whole import Stack, stack

_START_SECONDS = 180.0  # the first start makes the cluster
_STOP_SECONDS = 90.0
_ALREADY_UP_SECONDS = 3.0


def up(directory: Path) -> None:
    """Starts the stack in the background, and returns once it answers; does nothing if it answers already."""
    with locked(directory):
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
    with locked(directory):
        _clear(directory)


def serve(directory: Path) -> None:
    """Runs the stack until SIGTERM: what `up` starts in the background."""
    with _running(directory):
        while True:
            signal.pause()


@contextmanager
def foreground(directory: Path) -> Iterator[Stack]:
    """The stack as long as the context lasts; StackError if it is up already."""
    with locked(directory):
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
                env={**os.environ, **postgrest.SUPERVISED},
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
    start_server(
        "stack",
        directory,
        environment_file=directory / "stack.env",
        seconds=_START_SECONDS,
        grace=_STOP_SECONDS,
        clear=_clear,
    )


def _check(directory: Path) -> None:
    """StackError with what is wrong in the environment, before anything is started."""
    settings.proxy_port()
    if url := settings.database_url(directory):
        settings.writable(url)


def _answers(directory: Path) -> bool:
    if recorded(directory / "stack.pid") is None or not (directory / "stack.env").exists():
        return False
    return becomes_healthy(environment(directory)["PROXY_URL"], _ALREADY_UP_SECONDS)
