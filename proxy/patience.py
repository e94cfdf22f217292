"""How long a call is waited for: to the time limit, as long as the way to the tables works meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from proxy.time_limit import time_limit

# In seconds: a call that takes longer makes us look whether anything is answered, and look again as often. With the
# two that a poll may wait for its call, and the two that a look may take, a client knows within five.
_LOOKS_EVERY = 0.5


class Patience:
    """Ends calls that take `most` seconds, or that wait while `works` finds out, about a moment since, that nothing is.

    `works` takes a time of the loop, and tells what a look found that began after it.
    """

    def __init__(self, works: Callable[[float], asyncio.Task[bool]], most: float) -> None:
        self._works = works
        self._most = most

    @asynccontextmanager
    async def limit(self) -> "AsyncIterator[Wait]":
        """The time of one call.

        Raises:
            Problem: timeout.
        """
        async with time_limit(self._most) as timeout:
            wait = Wait(self._works, timeout)
            try:
                yield wait
            finally:
                wait.ends()


class Wait:
    """Looks, for as long as one call is waited for."""

    def __init__(self, works: Callable[[float], asyncio.Task[bool]], timeout: asyncio.Timeout) -> None:
        self._works = works
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._over = False
        self._timer = self._loop.call_later(_LOOKS_EVERY, self._look)

    def ends(self) -> None:
        """Looks no more: the answer has come, or begins to."""
        self._over = True
        self._timer.cancel()

    def _look(self) -> None:
        self._works(self._began).add_done_callback(self._found)

    def _found(self, look: asyncio.Task[bool]) -> None:
        if self._over:
            return
        if look.cancelled() or not look.result():
            self._timeout.reschedule(self._loop.time())
        else:
            self._began = self._loop.time()
            self._timer = self._loop.call_later(_LOOKS_EVERY, self._look)
