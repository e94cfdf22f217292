"""The server process of a data directory, found through its lock file, and pg_ctl."""

import shlex
import time
from contextlib import suppress
from pathlib import Path

import psutil

from stack.account import run_as_server
from stack.binaries import server_program
from stack.datadir import major_of
from stack.process import POLL, alive

PATIENCE = 60  # seconds that a start or stop may take


def running(data_dir: Path) -> psutil.Process | None:
    """The postmaster that runs in this data directory, if any; a pid that has become another program's is not it."""
    try:
        process = psutil.Process(_locked_by(data_dir))
        return process if _works_in(process, data_dir.resolve()) and alive(process) else None
    except (FileNotFoundError, IndexError, ValueError, psutil.NoSuchProcess):
        return None


def pg_ctl(action: str, data_dir: Path, *options: str) -> str | None:
    """None if pg_ctl did it, else what it said."""
    command: list[str | Path] = [
        server_program("pg_ctl", major_of(data_dir)),
        action,
        "-D",
        data_dir.resolve(),
        "-w",
        "-t",
        str(PATIENCE),
        *options,
    ]
    result = run_as_server(command)
    return None if result.returncode == 0 else f"{shlex.join(map(str, command))}\n{result.stdout}"


def wake(process: psutil.Process) -> None:
    """Lets a server go on that somebody has paused (SIGSTOP): it could not hear that it is to stop."""
    with suppress(psutil.NoSuchProcess):
        for each in (process, *process.children()):
            with suppress(psutil.NoSuchProcess):
                each.resume()


def wait_for_orphans(data_dir: Path) -> bool:
    """After a SIGKILL to the postmaster, waits until its children notice and end; says whether they have."""
    home = data_dir.resolve()
    deadline = time.monotonic() + PATIENCE
    while any(_works_in(process, home) for process in psutil.process_iter()):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


def clear_locks(data_dir: Path, socket_dir: Path) -> None:
    """Removes the locks of a server that is no more, if their pid is a zombie's or another program's now.

    PostgreSQL would take that for a running server; every other stale lock it knows itself.
    """
    try:
        pid = _locked_by(data_dir)
    except (FileNotFoundError, IndexError, ValueError):
        return
    if psutil.pid_exists(pid):
        for lock in (data_dir / "postmaster.pid", *socket_dir.glob(".s.PGSQL.*")):
            lock.unlink()


def _locked_by(data_dir: Path) -> int:
    return int((data_dir / "postmaster.pid").read_text().split()[0])


def _works_in(process: psutil.Process, directory: Path) -> bool:
    """Whether its working directory is this one, as that of every process of a server is."""
    try:
        return Path(process.cwd()) == directory
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
