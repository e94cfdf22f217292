"""How many calls may be under way, and when a request is refused instead of kept waiting."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from proxy.problems import Kind, Problem

_MOST_WAITING = 1000
_PATIENCE_SECONDS = 2.0
# So long all clients are asked to poll less often after one was refused.
_SHEDDING_SECONDS = 10.0


class Admission:
    """Lets `concurrency` calls run and a bounded number wait, for a bounded time."""

    def __init__(self, concurrency: int) -> None:
        self._slots = asyncio.Semaphore(concurrency)
        self._waiting = 0
        self._refused_at = float("-inf")

    @property
    def shedding(self) -> bool:
        """Whether a request was refused a moment ago."""
        return time.monotonic() - self._refused_at < _SHEDDING_SECONDS

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
        if self._waiting >= _MOST_WAITING:
            raise self._refusal()
        self._waiting += 1
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._slots.acquire()
        except TimeoutError:
            raise self._refusal() from None
        finally:
            self._waiting -= 1

    def _refusal(self) -> Problem:
        self._refused_at = time.monotonic()
        return Problem(Kind.OVERLOADED)
