"""The recorder's side of the terminal: passes the command's output through and says how the recording goes.

Where stderr is a terminal, a status line stands below the output; else there are plain lines at the start and the end.
"""

import os
import select
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from uuid import UUID

from rich.console import Console
from rich.control import Control
from rich.segment import ControlType
from rich.text import Text

from recorder.command import Stream
from recorder.levels import Level
from recorder.settings import events_url, page_url

_DESCRIPTORS: Mapping[Stream, int] = {"stdout": 1, "stderr": 2}


class Progress:
    """Plain: nothing but the output while the command runs."""

    def __init__(self) -> None:
        self._unfinished: set[int] = set()

    def started(self, session_id: UUID, proxy_url: str | None) -> None:
        """Says which session is recorded, and where it can be seen if a proxy is known."""
        self.say(f"session {session_id}")
        if proxy_url:
            self.say(f"page    {page_url(proxy_url, session_id)}")
            self.say(f"events  {events_url(proxy_url, session_id)}")

    def write(self, stream: Stream, data: bytes) -> None:
        """Passes the command's bytes on unchanged. Raises BrokenPipeError where nobody reads them any more."""
        descriptor = _DESCRIPTORS[stream]
        if data.endswith(b"\n"):
            self._unfinished.discard(self._screen(descriptor))
        else:
            self._unfinished.add(self._screen(descriptor))
        _write_all(descriptor, data)

    def show(self, counts: Mapping[Level, int]) -> None:
        """Called after each piece of output and several times a second in between."""

    def say(self, text: str) -> None:
        """Writes one line of the recorder's own to stderr."""
        screen = self._screen(_DESCRIPTORS["stderr"])
        start = "\n" if screen in self._unfinished else ""
        self._unfinished.discard(screen)
        with suppress(BrokenPipeError):
            _write_all(_DESCRIPTORS["stderr"], f"{start}recorder: {text}\n".encode("utf-8", "backslashreplace"))

    def _screen(self, descriptor: int) -> int:
        """What a descriptor writes to: both streams share the terminal."""
        return 0 if os.isatty(descriptor) else descriptor


class LiveProgress(Progress):
    """Keeps one status line below the output, and takes it away before anything else is written."""

    def __init__(self, console: Console, session_id: UUID) -> None:
        super().__init__()
        self._console = console
        self._session_id = session_id
        self._started = time.monotonic()
        self._drawn = False

    def write(self, stream: Stream, data: bytes) -> None:
        """As the plain kind, below no status line."""
        if os.isatty(_DESCRIPTORS[stream]):
            self._erase()
        super().write(stream, data)

    def say(self, text: str) -> None:
        """As the plain kind, below no status line."""
        self._erase()
        super().say(text)

    def show(self, counts: Mapping[Level, int]) -> None:
        """Draws the status line anew."""
        if self._screen(_DESCRIPTORS["stderr"]) in self._unfinished:
            return  # the command is in the middle of a line, perhaps a prompt
        self._erase()
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        line = Text.assemble(
            ("● ", "red"),
            (f"{minutes:02}:{seconds:02}", "bold"),
            f"  {counts['info']} info",
            (f"  {counts['warning']} warning", "yellow" if counts["warning"] else ""),
            (f"  {counts['error']} error", "bold red" if counts["error"] else ""),
            (f"  session {self._session_id}", "dim"),
        )
        line.truncate(self._console.width - 1, overflow="ellipsis")
        self._console.print(line, end="", soft_wrap=True)
        self._drawn = True

    def _erase(self) -> None:
        if self._drawn:
            self._console.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))
            self._drawn = False


def progress_for(session_id: UUID) -> Progress:
    """The live kind where stderr is a terminal that can move its cursor."""
    console = Console(stderr=True, highlight=False)
    if sys.stderr.isatty() and not console.is_dumb_terminal:
        return LiveProgress(console, session_id)
    return Progress()


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:  # the other end made the descriptor non-blocking
            select.select([], [descriptor], [])
