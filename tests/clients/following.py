"""A follower of the Python client, in threads or in asyncio, told to go on step by step."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from session_events_client import AsyncFollower, Event, Follower, State

Next = Callable[[], Event | None]
NextInTime = Callable[..., Event | None]
LONGEST = 40


class States(list[State]):
    """What a follower says that it does; it is stopped where it says too much, instead of for ever."""

    def __init__(self, then: Callable[[State], object] = lambda state: None) -> None:
        self.then = then
        super().__init__()

    def __call__(self, state: State) -> None:
        """Takes one in, and does `then`."""
        self.append(state)
        assert len(self) < LONGEST, self
        self.then(state)

    def once(self, state: State) -> None:
        """Takes the first one in, and stops the follower there."""
        self.append(state)
        raise AssertionError(state)

    def names(self) -> list[str]:
        """Their names, each once where it comes several times in a row."""
        return [state.name for at, state in enumerate(self) if at == 0 or self[at - 1].name != state.name]


@contextmanager
def in_thread(url: str, **options: Any) -> Iterator[tuple[Follower, Next]]:
    """A follower, and what waits for its next event: None at the end."""
    with Follower(url, **options) as follower:
        yield follower, lambda: next(follower, None)


@contextmanager
def in_asyncio(url: str, **options: Any) -> Iterator[tuple[AsyncFollower, NextInTime]]:
    """The same for asyncio; one may say for how many seconds to wait."""
    with asyncio.Runner() as runner:
        follower = AsyncFollower(url, **options)
        try:
            yield follower, lambda seconds=None: runner.run(asyncio.wait_for(_next(follower), seconds))
        finally:
            runner.run(follower.aclose())


async def _next(follower: AsyncFollower) -> Event | None:
    return await anext(follower, None)


BOTH = {"thread": in_thread, "asyncio": in_asyncio}
