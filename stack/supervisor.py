"""Starts again what dies or hangs: at once, then after longer and longer pauses; what goes on dying is reported."""

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from pulse.silence import Silence
from stack.errors import StackError

_LOOK = 0.2  # seconds between two looks at a part
_SETTLED = 5.0  # seconds; what has run so long has recovered, and is started again at once when it dies
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_FAILING = 3  # deaths in a row
_QUESTION = 2.0  # seconds between two questions to a part that runs
_NEEDED = 0.5  # seconds between two looks at what a part needs
_SUFFIX = ".status"
RUNNING, FAILING, _STARTING, _HANGS = "running", "failing", "starting", "hung"


@dataclass(frozen=True)
class Part:
    """What may die or hang, and where it says why it cannot be started.

    `answers` asks it something that no other part has a share in, and takes no longer than ANSWER_SECONDS. `kill` ends
    one that hangs; without it a part is only reported. `misses` is what stands in the way of its start, if anything.
    """

    name: str
    log: Path
    runs: Callable[[], bool]
    start: Callable[[], None]
    answers: Callable[[], bool]
    kill: Callable[[], None] | None = None
    misses: Callable[[], str | None] = lambda: None


@dataclass(frozen=True)
class Report:
    """What a supervisor knows of a part.

    `state` is `starting` until it first answers, then `running`; `hung` when it has not answered for long, and
    `failing` when it died several times in a row.
    """

    state: str = RUNNING
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
        self._silence = Silence(_QUESTION)
        self._asked = float("-inf")

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
            elif time.monotonic() - self._asked > _QUESTION:
                self._ask()

    @property
    def _state(self) -> str:
        if self._deaths >= _FAILING:
            return FAILING
        if self._silence.hangs:
            return _HANGS
        return RUNNING if self._silence.began else _STARTING

    def _ask(self) -> None:
        """Asks it something; one that has not answered for long is ended, if it may be."""
        self._asked = time.monotonic()
        if self._part.answers():
            before = self._state
            self._silence.note(alive=True)
            if before != self._state:
                self._report("answers again" if before == _HANGS else "")
        elif self._part.runs():
            before = self._state
            self._silence.note(alive=False)
            if before != self._state:
                self._report(f"runs, and has not answered for {self._silence.seconds:g} s")
            if self._silence.hangs and self._part.kill:
                self._part.kill()

    def _revive(self) -> None:
        self._silence = Silence(_QUESTION)
        self._report(f"ended; is started again in {self._pause:g} s; its log is {self._part.log}")
        if self._stop.wait(self._pause) or not self._wait_for_needs():
            return
        self._pause = min(max(_FIRST_PAUSE, 2 * self._pause), _LONGEST_PAUSE)
        self._restarts += 1
        try:
            self._part.start()
            self._report("was started again")
        except (OSError, StackError, psutil.Error) as error:
            self._report(f"cannot be started: {error}")
        self._started, self._asked = time.monotonic(), float("-inf")

    def _wait_for_needs(self) -> bool:
        """Waits until nothing stands in the way of its start; False where it is told to stop before."""
        said = None
        while missing := self._part.misses():
            if missing != said:
                self._report(f"is started again once it can be: {missing}")
                said = missing
            if self._stop.wait(_NEEDED):
                return False
        return True

    def _report(self, said: str) -> None:
        """Writes down what `reports` reads, and what a person reads in the log; a full disk ends no supervisor."""
        if said:
            moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            with suppress(OSError):
                print(f"{moment} {self._part.name} {said}", file=sys.stderr, flush=True)
        report = Report(self._state, self._restarts, said)
        whole = self._file.with_name(f"{self._file.name}.new")
        with suppress(OSError):
            whole.write_text(json.dumps(asdict(report)))
            whole.replace(self._file)
