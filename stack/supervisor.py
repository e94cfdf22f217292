"""Starts again what dies: at once, then after longer and longer pauses; what goes on dying is reported."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from stack.errors import StackError

_LOOK = 0.2  # seconds between two looks at a part
_SETTLED = 5.0  # seconds; what has run so long has recovered, and is started again at once when it dies
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_FAILING = 3  # deaths in a row
_SUFFIX = ".status"


@dataclass(frozen=True)
class Part:
    """What may die: how to know whether it runs, how to start it again, and where it says why it cannot."""

    name: str
    runs: Callable[[], bool]
    start: Callable[[], None]
    log: Path


@dataclass(frozen=True)
class Report:
    """What a supervisor knows of a part; `failing` is one that died several times in a row."""

    failing: bool = False
    restarts: int = 0
    said: str = ""


@contextmanager
def supervised(parts: Sequence[Part], directory: Path) -> Iterator[None]:
    """Starts the parts again for as long as the context lasts; `reports` reads in `directory` how that goes."""
    stop = threading.Event()
    # One each, since the start of a database after a crash may take a while.
    threads = [threading.Thread(target=_Supervisor(part, directory, stop).run, name=part.name) for part in parts]
    try:
        for thread in threads:
            thread.start()
        yield
    finally:
        stop.set()
        for thread in threads:
            if thread.ident is not None:
                thread.join()
        forget(directory)


def reports(directory: Path) -> dict[str, Report]:
    """What is known of each supervised part, by its name."""
    found = {}
    for file in sorted(directory.glob(f"*{_SUFFIX}")):
        with suppress(FileNotFoundError):
            found[file.stem] = Report(**json.loads(file.read_text()))
    return found


def forget(directory: Path) -> None:
    """Removes the reports, also those of a supervisor that was killed."""
    for file in directory.glob(f"*{_SUFFIX}*"):
        file.unlink(missing_ok=True)


class _Supervisor:
    """Looks after one part."""

    def __init__(self, part: Part, directory: Path, stop: threading.Event) -> None:
        self._part = part
        self._file = directory / f"{part.name}{_SUFFIX}"
        self._stop = stop
        self._restarts = 0
        self._deaths = 0  # in a row
        self._pause = 0.0
        self._started = time.monotonic()

    def run(self) -> None:
        """Looks until told to stop."""
        self._report("")
        while not self._stop.wait(_LOOK):
            if self._deaths and time.monotonic() - self._started > _SETTLED:
                self._deaths, self._pause = 0, 0.0
                self._report("")
            if not self._part.runs():
                self._deaths += 1
                self._revive()

    def _revive(self) -> None:
        self._report(f"ended; is started again in {self._pause:g} s; its log is {self._part.log}")
        if self._stop.wait(self._pause):
            return
        self._pause = min(max(_FIRST_PAUSE, 2 * self._pause), _LONGEST_PAUSE)
        self._restarts += 1
        try:
            self._part.start()
            self._report("was started again")
        except (OSError, StackError, psutil.Error) as error:
            self._report(f"cannot be started: {error}")
        self._started = time.monotonic()

    def _report(self, said: str) -> None:
        """Writes down what `reports` reads, and what a person reads in the log; a full disk ends no supervisor."""
        if said:
            moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            with suppress(OSError):
                print(f"{moment} {self._part.name} {said}", file=sys.stderr, flush=True)
        report = Report(self._deaths >= _FAILING, self._restarts, said)
        whole = self._file.with_name(f"{self._file.name}.new")
        with suppress(OSError):
            whole.write_text(json.dumps(asdict(report)))
            whole.replace(self._file)
