"""How many calls may be under way, and when a request is refused instead of kept waiting."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from proxy.problems import Kind, Problem


class Admission:
    """Lets `concurrency` calls run and `queue` wait, each no longer than `patience` seconds."""

    def __init__(self, concurrency: int, *, queue: int = 1000, patience: float = 2.0, memory: float = 10.0) -> None:
        self._slots = asyncio.Semaphore(concurrency)
        self._queue = queue
        self._patience = patience
        self._memory = memory
        self._waiting = 0
        self._refused_at = float("-inf")

    @property
    def shedding(self) -> bool:
        """Whether a request was refused in the last `memory` seconds."""
        return time.monotonic() - self._refused_at < self._memory

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """One call's place.

        Raises:
            Problem: overloaded.
        """
        if self._slots.locked():
            await self._wait()
        else:
            await self._slots.acquire()
        try:
            yield
        except Problem as problem:
            if problem.kind is Kind.OVERLOADED:
                self._refused_at = time.monotonic()
            raise
        finally:
            self._slots.release()

    async def _wait(self) -> None:
        if self._waiting >= self._queue:
            raise self._refusal()
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._slots.acquire()
        except TimeoutError:
            raise self._refusal() from None
        finally:
            self._waiting -= 1

    def _refusal(self) -> Problem:
        self._refused_at = time.monotonic()
        return Problem(Kind.OVERLOADED)
