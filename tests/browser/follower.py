"""The page's poller in Node, without any page."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("follow.mjs")
PATIENCE_SECONDS = 60
Said = dict[str, Any]


@dataclass
class Follower:
    """A running poller; `told` are the ids of all events that it has told, in the order in which it did."""

    process: subprocess.Popen[str]
    told: list[str] = field(default_factory=list)

    def until(self, fits: Callable[[Said], object]) -> Said:
        """Listens to the first saying that fits."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said: Said = json.loads(line)
            self.told += [event["id"] for event in said.get("events", [])]
            if fits(said):
                return said
        raise AssertionError(f"it ended before: {self.process.stderr.read() if self.process.stderr else ''}")

    def until_state(self, name: str) -> Said:
        """Listens until it is in this state."""
        return self.until(lambda said: said.get("name") == name)

    def until_told(self, count: int) -> None:
        """Listens until it has told so many events in all, and is live."""
        self.until(lambda said: len(self.told) >= count and said.get("name") == "live")

    def command(self, *words: str) -> None:
        """Tells it to do something."""
        assert self.process.stdin is not None
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()

    def has(self) -> Said:
        """What it has now: the ids in `all`, and how many of them are `joined` and `remaining`."""
        self.command("all")
        return self.until(lambda said: "all" in said)


@contextmanager
def follower(url: str, **options: Any) -> Iterator[Follower]:
    """A poller of the events at `url`; ended at the end, or after a minute."""
    node = shutil.which("node")
    assert node, "node is not on PATH: install the package nodejs (apt-get install nodejs)"
    with subprocess.Popen(
        [node, PROGRAM, json.dumps({"url": url, **options})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        watchdog = threading.Timer(PATIENCE_SECONDS, process.kill)
        watchdog.start()
        try:
            yield Follower(process)
        finally:
            watchdog.cancel()
            process.kill()
