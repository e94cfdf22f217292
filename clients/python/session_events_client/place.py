"""Where a client is that follows a session: the rule of the API, without any input and output."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from session_events_client.errors import EventsError
from session_events_client.event import Event, Session
from session_events_client.page import Page, read_page

_LARGEST_LIMIT = 1000
_RETRY_SECONDS = (1, 2, 4, 8, 16, 32, 60)
_STARTS_AGAIN = {"cursor-lost", "cursor-malformed"}


@dataclass(frozen=True, slots=True)
class State:
    """What a follower does next.

    "behind": it asks at once for the `remaining` events of a walk; "live": all is told, it polls in `seconds`;
    "retrying": it asks again in `seconds`, after `error`; "restarted": so too, but its cursor is lost, and so it
    tells from the first event on what it has not told yet; one that began with a saved cursor has told nothing.
    """

    name: Literal["behind", "live", "retrying", "restarted"]
    seconds: float = 0
    remaining: int = 0
    error: EventsError | None = None


class Place:
    """While `next` is not null ask with it; then, and from then on, ask with `cursor`.

    Whoever asks for it sleeps for `pause` seconds, asks with `query`, and gives what comes of it to `take` or `miss`;
    then calls `tell` until it has nothing more; and so on until it `is_over`.
    """

    def __init__(self, *, event_type: str | None, cursor: str | None, on_state: Callable[[State], object]) -> None:
        # What has been told is before it: whoever begins with it is told the rest.
        self.cursor = cursor
        self.session: Session | None = None
        self.pause = 0.0
        # The session has ended, and all of it is told.
        self.is_over = False
        self._event_type = event_type
        self._on_state = on_state
        self._limit = _LARGEST_LIMIT
        self._failures = 0
        # The pages of the walk under way.
        self._walk: list[Page] = []
        # From the newest.
        self._untold: list[Event] = []
        self._cursor_once_told = cursor
        # By id, what was told last.
        self._told: dict[str, int] = {}

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the next request."""
        if self._walk and (following := self._walk[-1].next):
            return {"next": following}
        given = {"limit": str(self._limit), "event_type": self._event_type, "cursor": self.cursor}
        return {name: value for name, value in given.items() if value is not None}

    def tell(self) -> Event | None:
        """The next event, oldest first; None where the next request has to be made first."""
        if not self._untold:
            return None
        event = self._untold.pop()
        if not self._untold:
            self.cursor = self._cursor_once_told
        return event

    def take(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Takes in what the server has answered.

        Raises:
            EventsError: the server refuses, and the same request would be refused again.
        """
        try:
            page = read_page(status, headers, body)
        except EventsError as error:
            self._avoid(error)
            return
        self._failures = 0
        self._walk.append(page)
        if page.next is None:
            self._end_walk()
        else:
            remaining = self._walk[0].total - sum(len(page.items) for page in self._walk)
            self._go_on(State("behind", remaining=max(1, remaining)))

    def miss(self, error: EventsError) -> None:
        """Takes in that there was no answer, or none that can be used."""
        self._go_on(State("retrying", seconds=max(error.retry_after, self._back_off()), error=error))

    def _end_walk(self) -> None:
        first, last = self._walk[0], self._walk[-1]
        self._untold = [event for page in self._walk for event in page.items if self._told.get(event.id) != hash(event)]
        self._told |= {event.id: hash(event) for event in self._untold}
        self._walk = []
        # On a later page of a walk it may have ended after events that the walk does not tell.
        self.session = first.session
        self._cursor_once_told = first.cursor
        if not self._untold:
            self.cursor = first.cursor
        # What is still written after the end comes all the same.
        self.is_over = first.session.ended and not self._untold
        self._go_on(State("live", seconds=last.poll_interval))

    def _avoid(self, error: EventsError) -> None:
        """Finds another question where one was refused, or the same later; raises the error where there is none."""
        if error.kind in _STARTS_AGAIN and self._walk:
            # Its cursor may be good all the same: not even that of a walk has been told.
            self._walk = []
            self.miss(error)
        elif error.kind in _STARTS_AGAIN and self.cursor is not None:
            self.cursor = None
            self._go_on(State("restarted", seconds=self._back_off(), error=error))
        elif isinstance(error.largest_limit, int) and 1 <= error.largest_limit < self._limit:
            self._limit = error.largest_limit
            # The pages of a walk have the size that it began with: it begins again.
            self._walk = []
            self.pause = 0
        elif error.passes:
            self.miss(error)
        else:
            raise error

    def _back_off(self) -> float:
        """Doubles with each failure, and differs between clients, so that they do not all come back at once."""
        longest = _RETRY_SECONDS[min(self._failures, len(_RETRY_SECONDS) - 1)]
        self._failures += 1
        return longest * random.uniform(0.5, 1)

    def _go_on(self, state: State) -> None:
        self.pause = state.seconds
        self._on_state(state)
