"""The time limit of a request."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from proxy.problems import Kind, Problem


@asynccontextmanager
async def time_limit(seconds: float) -> AsyncIterator[asyncio.Timeout]:
    """Asyncio's timeout, ending in the client's 504."""
    try:
        async with asyncio.timeout(seconds) as timeout:
            yield timeout
    except TimeoutError:
        raise Problem(Kind.TIMEOUT) from None
