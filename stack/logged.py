"""What the proxy's log has about a request."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from stack.errors import StackError


@dataclass(frozen=True)
class Logged:
    """A request for events: whose, of which kind (`page`, `next`, `cursor`, `since`), when, and how it went."""

    session_id: str
    kind: str
    began: datetime
    status: int
    milliseconds: float

    def __str__(self) -> str:
        """A line for people."""
        return f"{self.kind}, status {self.status}, {self.milliseconds} ms, at {self.began.isoformat()}"


def logged(lines: Iterable[str], request_id: str) -> Logged:
    """The request with an id in lines of the log, the last one where there are several.

    Raises:
        StackError: there is none.
    """
    found: Logged | None = None
    for line in _objects(lines):
        if line.get("request_id") == request_id and "session" in line:
            ended = datetime.fromisoformat(line["time"])
            took = line["milliseconds"]
            found = Logged(line["session"], line["kind"], ended - timedelta(milliseconds=took), line["status"], took)
    if found is None:
        raise StackError(
            f"the log has no request for events with the id {request_id!r}: those have a line that took a second or "
            "more, those that got a 504, and of the others the share PROXY_ACCESS_LOG"
        )
    return found


def _objects(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The lines that are JSON; what a crash or another program has written is not."""
    for line in lines:
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            yield value
