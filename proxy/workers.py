"""Several processes that serve one port."""

import logging
import os
import signal
import socket
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)

# What a process does: it serves a socket until it is told to stop, or the file descriptor can be read; then its number.
Work = Callable[[socket.socket, int, int], None]

_STOP = (signal.SIGTERM, signal.SIGINT)
# One that dies as soon as it lives is not replaced more often.
_LEAST_SECONDS = 1.0


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
    """A process for each socket. One that dies is replaced, and its socket keeps who has connected meanwhile."""

    def __init__(self, sockets: list[socket.socket], work: Work) -> None:
        self._sockets = sockets
        self._work = work
        self._running: dict[int, tuple[socket.socket, float]] = {}
        self._stopping = False
        # Nothing is ever written: the reading end tells the workers when this process is gone.
        self._gone, self._here = os.pipe()

    def run(self) -> None:
        """Returns once told to stop, and all have ended."""
        for number in _STOP:
            signal.signal(number, self._stop)
        for each in self._sockets:
            self._start(each)
        while self._running:
            pid, status = os.wait()
            own, since = self._running.pop(pid)
            if not self._stopping:
                logger.error("worker %s is replaced: it ended with %s", pid, os.waitstatus_to_exitcode(status))
                time.sleep(max(0.0, since + _LEAST_SECONDS - time.monotonic()))
                self._start(own)

    def _start(self, own: socket.socket) -> None:
        # A signal between the fork and the note of it would not reach the new process.
        signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)
        if not self._stopping:
            pid = os.fork()
            if pid == 0:
                self._serve(own)
            self._running[pid] = own, time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP)

    def _serve(self, own: socket.socket) -> None:
        """Works in the new process, and ends it."""
        status = 1
        try:
            os.close(self._here)
            for each in self._sockets:
                if each is not own:
                    each.close()
            for number in _STOP:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP)
            self._work(own, self._gone, self._sockets.index(own))
            status = 0
        except BaseException:
            logger.exception("The worker failed")
        finally:
            logging.shutdown()
            os._exit(status)

    def _stop(self, _number: int, _frame: object) -> None:
        self._stopping = True
        for each in self._sockets:
            each.close()
        for pid in self._running:
            os.kill(pid, signal.SIGTERM)
