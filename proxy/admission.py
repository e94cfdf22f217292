"""How many may be under way at once, and when one is refused instead of kept waiting."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from proxy.problems import Kind, Problem

PATIENCE_SECONDS = 2.0

_MOST_WAITING = 1000
# So long all clients are asked to poll less often after one was refused.
_SHEDDING_SECONDS = 10.0


class Shedding:
    """Remembers that somebody was refused, so that all are asked to come less often."""

    def __init__(self) -> None:
        self._until = float("-inf")

    @property
    def now(self) -> bool:
        """Whether somebody was refused a moment ago."""
        return time.monotonic() < self._until

    def refusal(self) -> Problem:
        """The refusal of one more."""
        self.begin()
        return Problem(Kind.OVERLOADED)

    def begin(self) -> None:
        """Takes note of a refusal that somebody else made."""
        self._until = time.monotonic() + _SHEDDING_SECONDS


class Admission:
    """Lets `places` be taken and a bounded number wait for one, for a bounded time."""

    def __init__(self, places: int, shedding: Shedding) -> None:
        self._places = asyncio.Semaphore(places)
        self._shedding = shedding
        self._waiting = 0

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place for the time of the context.

        Raises:
            Problem: overloaded.
        """
        await self.acquire()
        try:
            yield
        finally:
            self.release()

    async def acquire(self) -> None:
        """Takes a place.

        Raises:
            Problem: overloaded.
        """
        if not self._places.locked():
            await self._places.acquire()
            return
        if self._waiting >= _MOST_WAITING:
            raise self._shedding.refusal()
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            raise self._shedding.refusal() from None
        finally:
            self._waiting -= 1

    async def wait(self) -> None:
        """Takes a place, however long that takes."""
        await self._places.acquire()

    def release(self) -> None:
        """Gives a place back."""
        self._places.release()
