"""Several processes that serve one port."""

import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from mmap import mmap

from pulse.silence import Silence
from pulse.systemd import Systemd

logger = logging.getLogger(__name__)

_STOP = (signal.SIGTERM, signal.SIGINT)
# All that the first process waits for: it takes one after the other, and is interrupted by none.
_AWAITED = (*_STOP, signal.SIGCHLD, signal.SIGALRM)
# One that dies as soon as it lives is not replaced more often.
_LEAST_SECONDS = 1.0
_BYTES = 8


@dataclass(frozen=True)
class Place:
    """What a worker has of its own: a socket, and memory in which it counts signs of life, one `every` few seconds."""

    number: int
    socket: socket.socket
    beats: memoryview
    every: float
    gone: int  # a file descriptor that can be read when the process that started the worker is gone

    def ready(self) -> None:
        """The first sign of life says so."""

    def alive(self) -> None:
        """Gives a sign of life."""
        self.beats[self.number] += 1

    def stopping(self) -> None:
        """The process that started it knows, or is gone."""


# What a process does: it serves its socket until it is told to stop, or nobody is there who would.
Work = Callable[[Place], None]


@dataclass
class _Worker:
    """One that runs, and what was last seen of its signs of life."""

    pid: int
    beats: int
    silence: Silence


def listen(host: str, port: int, count: int) -> list[socket.socket]:
    """So many sockets that listen on one port, among which the kernel spreads the connections.

    Raises:
        OSError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    first = socket.create_server((host, port), family=family)
    if count == 1:
        return [first]
    # It has shown that the port is nobody else's, which sockets that share it cannot.
    address = first.getsockname()
    first.close()
    return [socket.create_server(address, family=family, reuse_port=True) for _ in range(count)]


class Workers:
    """A process for each socket. One that dies is replaced, and its socket keeps who has connected meanwhile.

    One that hangs is ended first. Systemd is told of this process, which looks after the others.
    """

    def __init__(self, sockets: list[socket.socket], work: Work, systemd: Systemd) -> None:
        self._work = work
        self._systemd = systemd
        # Nothing is ever written: the reading end tells the workers when this process is gone.
        gone, self._here = os.pipe()
        self._beats = memoryview(mmap(-1, len(sockets) * _BYTES)).cast("Q")
        self._places = [Place(*each, self._beats, systemd.every, gone) for each in enumerate(sockets)]
        self._running: dict[int, _Worker] = {}
        self._due = [time.monotonic()] * len(sockets)
        self._ready = False
        self._stopping = False

    def run(self) -> None:
        """Returns once told to stop, and all have ended."""
        signal.pthread_sigmask(signal.SIG_BLOCK, _AWAITED)
        signal.setitimer(signal.ITIMER_REAL, self._systemd.every, self._systemd.every)
        self._start()
        while self._running or not self._stopping:
            number = signal.sigwait(_AWAITED)
            self._bury()
            if number in _STOP:
                self._stop()
            elif number == signal.SIGALRM:
                self._look()
            self._start()

    def _start(self) -> None:
        """Starts those that are missing, unless it is too early."""
        for number, place in enumerate(self._places):
            if number not in self._running and not self._stopping and self._due[number] <= time.monotonic():
                pid = os.fork()
                if pid == 0:
                    self._serve(place)
                self._due[number] = time.monotonic() + _LEAST_SECONDS
                self._running[number] = _Worker(pid, self._beats[number], Silence(self._systemd.every))

    def _bury(self) -> None:
        """Takes note of those that have ended."""
        for number, worker in list(self._running.items()):
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                del self._running[number]
                if not self._stopping:
                    logger.error("worker %s is replaced: it ended with %s", pid, os.waitstatus_to_exitcode(status))

    def _look(self) -> None:
        """Looks for signs of life, ends those that have given none for long, and says that all is well here."""
        for number, worker in self._running.items():
            worker.silence.note(alive=self._beats[number] != worker.beats)
            worker.beats = self._beats[number]
            if worker.silence.hangs:
                logger.error("worker %s is ended: it hangs, for %g s now", worker.pid, worker.silence.seconds)
                os.kill(worker.pid, signal.SIGKILL)
        if not self._ready:
            begun = [worker for worker in self._running.values() if worker.silence.began]
            self._ready = len(begun) == len(self._places)
            if self._ready:
                self._systemd.ready()
        if self._ready:
            self._systemd.alive()

    def _stop(self) -> None:
        self._stopping = True
        self._systemd.stopping()
        for place in self._places:
            place.socket.close()
        for worker in self._running.values():
            os.kill(worker.pid, signal.SIGTERM)

    def _serve(self, own: Place) -> None:
        """Works in the new process, and ends it."""
        status = 1
        try:
            os.close(self._here)
            for place in self._places:
                if place is not own:
                    place.socket.close()
            # Python's own answer to SIGINT would be an exception.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _AWAITED)
            self._work(own)
            status = 0
        except BaseException:
            logger.exception("The worker failed")
        finally:
            logging.shutdown()
            os._exit(status)
