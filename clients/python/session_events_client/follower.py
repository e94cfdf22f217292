"""Iterates over a session's events, for ever or until the session has ended."""

import asyncio
import time
from collections.abc import Callable
from functools import cached_property
from typing import Self

import httpx

from session_events_client.errors import EventsError
from session_events_client.event import Event, Session
from session_events_client.place import Place, State

# The server gives up after 15 s by default; a connection that is silent for longer is dead.
_LONGEST_SILENCE_SECONDS = 30.0
# What may go well the next time; a URL or a key that cannot be sent never does.
_LOST = (httpx.TimeoutException, httpx.NetworkError, httpx.RemoteProtocolError, httpx.ProxyError, httpx.DecodingError)


class _Following:
    """What is the same whether one waits for the server or is called when it has answered."""

    def __init__(
        self,
        url: str,
        *,
        api_key: str | None = None,
        event_type: str | None = None,
        cursor: str | None = None,
        on_state: Callable[[State], object] = lambda state: None,
    ) -> None:
        """The events at `url`, of one type where `event_type` says so, from a saved `cursor` on.

        `on_state` is called whenever something comes of a request.
        """
        self._url = url
        # Sent from the next request on.
        self.api_key = api_key
        self._due = 0.0
        self._place = Place(event_type=event_type, cursor=cursor, on_state=on_state)

    @property
    def cursor(self) -> str | None:
        """To be saved once the last event is dealt with: whoever begins with it misses none.

        It moves on with the last event of an answer; whoever begins with an earlier one is told some again.
        """
        return self._place.cursor

    @property
    def session(self) -> Session | None:
        """The session as the last answer told it; None before the first."""
        return self._place.session

    def _headers(self) -> dict[str, str]:
        return {} if self.api_key is None else {"X-API-Key": self.api_key}


class Follower(_Following):
    """Follows one session: an iterator over its events, oldest first, that waits for the next one."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends its connections."""
        self._http.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        """Waits for the next event; called again after an error or a break it goes on where it was.

        Raises:
            StopIteration: the session has ended, and all of it is told.
            EventsError: the server refuses, such as for a wrong key or an unknown session.
        """
        place = self._place
        while (event := place.tell()) is None:
            if place.is_over:
                raise StopIteration
            time.sleep(max(0, self._due - time.monotonic()))
            try:
                response = self._http.get(self._url, params=place.query, headers=self._headers())
            except _LOST as error:
                place.miss(_network(error))
            else:
                place.take(response.status_code, response.headers, response.content)
            self._due = time.monotonic() + place.pause
        return event

    @cached_property
    def _http(self) -> httpx.Client:
        return httpx.Client(timeout=_LONGEST_SILENCE_SECONDS)


class AsyncFollower(_Following):
    """`Follower` for asyncio: `async with`, `async for`, `await aclose()`."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Ends its connections."""
        await self._http.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        """Waits for the next event; called again after an error, a break or a cancellation it goes on where it was.

        Raises:
            StopAsyncIteration: the session has ended, and all of it is told.
            EventsError: the server refuses, such as for a wrong key or an unknown session.
        """
        place = self._place
        while (event := place.tell()) is None:
            if place.is_over:
                raise StopAsyncIteration
            await asyncio.sleep(max(0, self._due - time.monotonic()))
            try:
                response = await self._http.get(self._url, params=place.query, headers=self._headers())
            except _LOST as error:
                place.miss(_network(error))
            else:
                place.take(response.status_code, response.headers, response.content)
            self._due = time.monotonic() + place.pause
        return event

    @cached_property
    def _http(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=_LONGEST_SILENCE_SECONDS)


def _network(error: httpx.RequestError) -> EventsError:
    return EventsError("network", f"The server cannot be reached: {str(error) or type(error).__name__}")
