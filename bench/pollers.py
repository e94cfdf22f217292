"""An open loop: many pollers, each at fixed times, whatever the server does.

A poll's time counts from the moment at which it was due, so a server that is slow once pays for all that had to wait.
Nothing here is asyncio: at thousands of polls a second that would take a core from the servers that it measures.
"""

import contextlib
import gc
import heapq
import os
import random
import re
import select
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from urllib.parse import urlsplit

from bench.connection import answer_end, request, status
from bench.load import is_good
from bench.polls import Poll

_NOTHING_NEW = re.compile(rb'"items": ?\[\]')
_GRACE = 5
_READ = 1 << 18


@dataclass(frozen=True)
class Plan:
    """A poller for each of `polls`: that one first, which is not counted, then `periods` more, one every `period` s."""

    url: str
    target: Callable[[Poll], str]
    polls: Sequence[Poll]
    period: float
    periods: int


@dataclass
class Seen:
    """What the pollers met; times in milliseconds."""

    latencies: list[float] = field(default_factory=list)
    # By how much the generator itself sent later than it should, and the share of a core that it took.
    lateness: list[float] = field(default_factory=list)
    core: float = 0
    with_events: int = 0
    errors: int = 0


def run(plan: Plan) -> Seen:
    """Runs the plan, in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_run, plan).result()


def _run(plan: Plan) -> Seen:
    gc.disable()  # it would make polls late
    # Who measures does not wait for a core that the servers have; where that is not allowed, the lateness tells.
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    loop = _Loop(plan)
    begun, spent = time.monotonic(), time.process_time()
    seen = loop.meet(begun)
    seen.core = (time.process_time() - spent) / (time.monotonic() - begun)
    return seen


class _Poller:
    """A client with a connection of its own; `due` is the time of its next poll, or of the one under way."""

    def __init__(self, plan: Plan, first: Poll) -> None:
        self._plan = plan
        self._place = urlsplit(plan.url)
        self._next = first
        self._received = b""
        self.due = 0.0
        # When it had no answer to wait for any more, and when it then sent.
        self.free = 0.0
        self.sent = 0.0
        self.is_asking = False
        self.connect()

    def connect(self) -> None:
        """Makes the connection, anew after one that was lost."""
        self.way = socket.create_connection((self._place.hostname or "", self._place.port or 80), timeout=_GRACE)
        self.way.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self) -> None:
        """Puts the poll that is due."""
        self._received, self.is_asking = b"", True
        self.sent = time.monotonic()
        # A lost connection is noticed where its answer is read.
        with contextlib.suppress(OSError):
            self.way.sendall(request(self._plan.target(self._next), self._place.netloc))

    def receive(self) -> bytes | None:
        """The whole answer, nothing where the connection was lost, None where more will come."""
        try:
            data = self.way.recv(_READ)
        except OSError:
            data = b""
        self._received += data
        end = answer_end(self._received)
        if data and (end is None or len(self._received) < end):
            return None
        return self._received if data else b""

    def go_on(self, answer: bytes) -> None:
        """Polls again a period later, from this answer if it is a good one."""
        self.free, self.is_asking = time.monotonic(), False
        self.due += self._plan.period
        if is_good(status(answer)):
            cursor, since = _last(answer, b'"cursor"'), _last(answer, b'"timestamp"')
            self._next = replace(self._next, cursor=cursor, since=since)


class _Loop:
    """Sends what is due and takes what comes."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        # Before all connections: select takes only small numbers.
        self._epoll = select.epoll()
        self._pollers: dict[int, _Poller] = {}
        for first in plan.polls:
            self._watch(_Poller(plan, first))
        self._waiting: list[tuple[float, int, _Poller]] = []
        self._counted = self._until = 0.0
        self._seen = Seen()

    def meet(self, begun: float) -> Seen:
        """Until every answer is there, or has not come in time."""
        self._counted = begun + self._plan.period
        self._until = self._counted + self._plan.period * self._plan.periods
        # At random, so that the pollers do not march in step; the same for every contender.
        phases = random.Random(len(self._pollers))
        for poller in self._pollers.values():
            poller.due = begun + phases.uniform(0, self._plan.period)
            self._wait(poller)
        while self._waiting or any(poller.is_asking for poller in self._pollers.values()):
            if time.monotonic() > self._until + _GRACE:
                break
            self._send()
            # epoll by itself waits for whole milliseconds.
            select.select([self._epoll], [], [], self._delay())
            for number, _ in self._epoll.poll(0):
                self._receive(self._pollers[number])
        # What has not been answered by now, or not even asked since the answer before it is missing.
        self._seen.errors += len(self._pollers) * self._plan.periods - len(self._seen.latencies)
        return self._seen

    def _watch(self, poller: _Poller) -> None:
        self._pollers[poller.way.fileno()] = poller
        self._epoll.register(poller.way, select.EPOLLIN)

    def _wait(self, poller: _Poller) -> None:
        if poller.due < self._until:
            heapq.heappush(self._waiting, (poller.due, id(poller), poller))

    def _send(self) -> None:
        while self._waiting and self._waiting[0][0] <= time.monotonic():
            heapq.heappop(self._waiting)[2].send()

    def _delay(self) -> float:
        end = self._waiting[0][0] if self._waiting else self._until + _GRACE
        return max(0, end - time.monotonic())

    def _receive(self, poller: _Poller) -> None:
        answer = poller.receive()
        if answer is None:
            return
        if not answer:
            self._reconnect(poller)
        if poller.is_asking:
            self._count(poller, answer)
            poller.go_on(answer)
            self._wait(poller)

    def _reconnect(self, poller: _Poller) -> None:
        del self._pollers[poller.way.fileno()]
        poller.way.close()
        poller.connect()
        self._watch(poller)

    def _count(self, poller: _Poller, answer: bytes) -> None:
        if poller.due < self._counted:
            return
        self._seen.latencies.append((time.monotonic() - poller.due) * 1000)
        self._seen.lateness.append((poller.sent - max(poller.due, poller.free)) * 1000)
        if is_good(status(answer)):
            self._seen.with_events += _NOTHING_NEW.search(answer) is None
        else:
            self._seen.errors += 1


def _last(answer: bytes, name: bytes) -> str:
    """The value of the last member of that name, which has no quote in it; nothing where there is none."""
    place = answer.rfind(name)
    return "" if place < 0 else answer[place + len(name) :].split(b'"', 2)[1].decode()
