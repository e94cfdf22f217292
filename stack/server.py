"""The process in the background that runs all parts: `up` starts it, `down` ends it."""

import fcntl
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from stack.errors import StackError
from stack.process import end, start, wait_ready


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """One `up`, `down` or start in the foreground at a time; the next one waits."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def start_server(
    module: str,
    directory: Path,
    *,
    env: Mapping[str, str] = os.environ,
    environment_file: Path,
    seconds: float,
    grace: float,
    clear: Callable[[Path], None],
) -> None:
    """Starts `python -m MODULE serve` with `env`, and returns once it has written `environment_file`: it answers.

    StackError with its last words where it does not within `seconds`. It and what it started are ended then, it within
    `grace` seconds and the rest by `clear`; so they are where this process is told to end meanwhile.
    """
    log = directory / f"{module}.log"
    command = [sys.executable, "-m", module, "--directory", str(directory), "serve"]
    process = start(command, env=env, log=log)
    try:
        wait_ready(process, environment_file.exists, log=log, seconds=seconds)
    except BaseException as error:
        end(process, grace=grace)
        clear(directory)
        if isinstance(error, StackError) and (said := _last_words(module, log)):
            raise StackError(said) from None
        raise


def _last_words(module: str, log: Path) -> str | None:
    """What a command of ours prints when it fails."""
    said = re.search(rf"^{module}: (.*)", log.read_text(errors="replace"), re.MULTILINE | re.DOTALL)
    return said[1].rstrip() if said else None
