"""A service manager that only listens, at a datagram socket as systemd's."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.waiting import PATIENCE_SECONDS


@dataclass(frozen=True)
class Manager:
    """What systemd would hear; `environment` is what it gives a service."""

    socket: socket.socket
    environment: dict[str, str]

    def hears(self, seconds: float = PATIENCE_SECONDS) -> str | None:
        """The next that it is told, if that comes within so many seconds."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(4096).decode()
        except TimeoutError:
            return None

    def forgets(self) -> None:
        """Nothing that it was told up to now is heard any more."""
        self.socket.setblocking(False)
        try:
            while self.socket.recv(4096):
                pass
        except BlockingIOError:
            return

    def listens(self, seconds: float) -> list[str]:
        """All that it is told for so long."""
        heard, end = [], time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if said := self.hears(left):
                heard.append(said)
        return heard


@contextmanager
def manager(directory: Path, *, watchdog: float, abstract: bool = False) -> Iterator[Manager]:
    """One that wants a sign of life within each `watchdog` seconds."""
    name = f"@{directory}" if abstract else str(directory / "notify")
    environment = {"NOTIFY_SOCKET": name, "WATCHDOG_USEC": str(int(watchdog * 1_000_000))}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
        own.bind(name.replace("@", "\0"))
        yield Manager(own, environment)
