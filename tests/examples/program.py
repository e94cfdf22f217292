"""A program that is read line by line while it runs."""

import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

LONGEST = 60.0


@contextmanager
def running(command: Sequence[str | Path], settings: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A program with settings in its environment; killed at the end, or after `LONGEST` seconds with its output cut."""
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **settings},
        start_new_session=True,
    ) as process:
        watchdog = threading.Timer(LONGEST, _kill, [process])
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            _kill(process)


def _kill(process: subprocess.Popen[str]) -> None:
    """Ends it with whatever it has started, unless it has ended."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def lines(process: subprocess.Popen[str], count: int) -> list[str]:
    """The next lines that it prints, without their ends; waits for them."""
    assert process.stdout
    return [process.stdout.readline().rstrip("\n") for _ in range(count)]
