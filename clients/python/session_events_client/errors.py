"""What can go wrong."""

from collections.abc import Mapping, Sequence


class EventsError(Exception):
    """Why there is no page of events; its text is for people."""

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        status: int = 0,
        retry_after: float = 0,
        errors: Sequence[Mapping[str, str]] = (),
        largest_limit: int | None = None,
    ) -> None:
        super().__init__(message)
        # The end of the problem's `type`, such as "session-not-found"; "network" without an answer, "unreadable" for
        # one that is not the API's.
        self.kind = kind
        self.status = status
        # In seconds.
        self.retry_after = retry_after
        # The faults of a 400: each names its `parameter`, with a `message`.
        self.errors = errors
        # Of a page that is too large: how many events one answer can hold.
        self.largest_limit = largest_limit

    @property
    def passes(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status < 400 or self.status == 429 or self.status >= 500
