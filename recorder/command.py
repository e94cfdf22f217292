"""Runs a command and hands over its output as it comes, until the command has ended.

The command keeps the recorder's input. With a terminal as input it stays in the recorder's process group, so that it
may read from it and the terminal's Ctrl-C reaches it; else it leads a group of its own, which is signalled as a whole.
"""

import array
import fcntl
import os
import selectors
import signal
import socket
import subprocess
import termios
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import FrameType, TracebackType
from typing import IO, Literal, Self

Stream = Literal["stdout", "stderr"]

# Small, so that signals are seen soon even where each line of a chunk takes a commit.
_CHUNK_BYTES = 4096
_TICK_SECONDS = 0.25
# How long a cancelled command may take to end before it is killed.
_GRACE_SECONDS = 10.0
# How long output may still come from processes that the command left behind ("exec > >(tee log)").
_LINGER_SECONDS = 1.0


class Signals:
    """Catches the signals that end a recording, and a child's end, as bytes in a socket that a selector can wait on."""

    def __enter__(self) -> Self:
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)
        caught = [signal.SIGCHLD, signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
            caught.append(signal.SIGHUP)
        self._handlers = {number: signal.signal(number, _note) for number in caught}
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()

    def fileno(self) -> int:
        """The descriptor that a selector waits on."""
        return self._reader.fileno()

    def read(self) -> list[signal.Signals]:
        """The signals that came since the last call, without the child's."""
        with suppress(BlockingIOError):
            return [signal.Signals(number) for number in self._reader.recv(4096) if number != signal.SIGCHLD]
        return []


def _note(number: int, frame: FrameType | None) -> None:
    """A handler must stand for the signal to be written to the socket."""


class Command:
    """One run of a command. After `output()` is exhausted, the attributes say how it ended.

    `exit_code` is the shell's: 128 + n where signal n ended it, and `killed_by` is then that signal's name.
    `cancelled_by` is the signal that the recorder got.
    `left_open` says that a process which the command left behind still holds its output.
    """

    def __init__(self, arguments: Sequence[str], signals: Signals) -> None:
        """Starts it. Raises OSError where it cannot be started."""
        self.exit_code = 0
        self.killed_by: str | None = None
        self.cancelled_by: signal.Signals | None = None
        self.left_open = False
        self._signals = signals
        self._exited = False
        self._own_group = not os.isatty(0)
        self._killed = False
        self._deadline = float("inf")
        self._process = subprocess.Popen(
            arguments,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            process_group=0 if self._own_group else None,
            # Python holds lines back when it writes to a pipe; they should be recorded as they come.
            env={"PYTHONUNBUFFERED": "1", **os.environ},
        )
        self._selector = selectors.DefaultSelector()
        self._selector.register(signals, selectors.EVENT_READ)
        self._pipes: dict[Stream, IO[bytes]] = {}
        if self._process.stdout and self._process.stderr:
            self._open("stdout", self._process.stdout)
            self._open("stderr", self._process.stderr)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._kill()
            self._process.wait()
        for stream in list(self._pipes):
            self.close(stream)
        self._selector.close()

    def output(self) -> Iterator[tuple[Stream, bytes] | None]:
        """Yields what the command writes, and None whenever it was silent for a tick."""
        while not self._finished():
            timeout = min(_TICK_SECONDS, max(self._deadline - time.monotonic(), 0.01))
            ready = [key.data for key, _ in self._selector.select(timeout)]
            for stream in ready:
                if stream is not None:
                    yield from self._read(stream)
            self._watch()
            if not any(ready):
                yield None
        yield from self._drain()

    def close(self, stream: Stream) -> None:
        """Closes one of the command's outputs: what it writes there from now on ends it, as in a broken shell pipe."""
        if pipe := self._pipes.pop(stream, None):
            self._selector.unregister(pipe)
            pipe.close()

    def _open(self, stream: Stream, pipe: IO[bytes]) -> None:
        os.set_blocking(pipe.fileno(), False)
        self._pipes[stream] = pipe
        self._selector.register(pipe, selectors.EVENT_READ, stream)

    def _finished(self) -> bool:
        return self._exited and (not self._pipes or time.monotonic() >= self._deadline)

    def _read(self, stream: Stream) -> Iterator[tuple[Stream, bytes]]:
        if stream not in self._pipes:
            return
        with suppress(BlockingIOError):
            if data := os.read(self._pipes[stream].fileno(), _CHUNK_BYTES):
                yield stream, data
            else:
                self.close(stream)

    def _watch(self) -> None:
        """Acts on signals, on the command's end and on the deadline."""
        for number in self._signals.read():
            self._cancel(number)
        if not self._exited and (status := self._process.poll()) is not None:
            self._exited = True
            self.exit_code = status if status >= 0 else 128 - status
            self.killed_by = signal.Signals(-status).name if status < 0 else None
            if self.cancelled_by is None:
                self._deadline = time.monotonic() + _LINGER_SECONDS
        if self.cancelled_by and time.monotonic() >= self._deadline and not self._killed:
            self._kill()

    def _cancel(self, number: signal.Signals) -> None:
        """Passes the first signal on and starts the clock; a second one asks for the end at once."""
        if self.cancelled_by:
            self._deadline = time.monotonic()
            return
        self.cancelled_by = number
        self._deadline = time.monotonic() + _GRACE_SECONDS
        if self._own_group or number != signal.SIGINT:  # the terminal sent its Ctrl-C to the whole group already
            self._signal(number)

    def _kill(self) -> None:
        self._killed = True
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            if self._own_group:
                os.killpg(self._process.pid, number)
            else:
                self._process.send_signal(number)

    def _drain(self) -> Iterator[tuple[Stream, bytes]]:
        """Reads what the pipes hold now, not what a process left behind goes on writing."""
        for stream, pipe in list(self._pipes.items()):
            waiting = array.array("i", [0])
            fcntl.ioctl(pipe.fileno(), termios.FIONREAD, waiting)
            remaining = waiting[0]
            while remaining > 0:
                data = os.read(pipe.fileno(), min(remaining, _CHUNK_BYTES))
                remaining -= len(data)
                yield stream, data
            yield from self._read(stream)
            self.left_open |= stream in self._pipes
