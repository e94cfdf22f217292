"""What a session and its events are."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# Python refuses to read integers of more digits, and PostgreSQL's JSON may hold them.
_LONGEST_INTEGER = 4000


@dataclass(frozen=True, slots=True)
class Event:
    """An event as the API tells it.

    `timestamp` is text: UTC with six fraction digits and `Z`, and may lie outside the years that datetime has.
    """

    id: str
    session_id: str
    step_id: str | None
    event_type: str
    timestamp: str
    message: str | None
    # JSON, with every digit that the database holds.
    event_data_text: str

    @property
    def event_data(self) -> Any:  # noqa: ANN401 - whatever JSON may be
        """`event_data` with Python's numbers, made anew each time that it is read.

        Raises:
            RecursionError: it is nested deeper than Python's json reads; `event_data_text` has it.
        """
        return json.loads(self.event_data_text, parse_int=_integer)


@dataclass(frozen=True, slots=True)
class Session:
    """The session as it was when the last answer's snapshot was taken."""

    status: str
    ended: bool
    session_type: str
    project_path: str
    created_at: str
    completed_at: str | None


def _integer(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else Decimal(digits)
