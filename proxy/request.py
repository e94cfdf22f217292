"""From the path and the query string to the arguments of session_events()."""

import re
import string
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from proxy.problems import Fault, invalid

DEFAULT_LIMIT = "100"
ALLOWED = ("since", "event_type", "limit", "per_page", "cursor", "page")

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EVENT_TYPE = re.compile(r"[a-z][a-z0-9_]{0,99}")
_CURSOR = re.compile(r"[A-Za-z0-9_-]{1,4000}")
_MOST_PARAMETERS = 50
# fromisoformat() alone also reads week dates, an empty fraction, and whatever follows a NUL.
_SINCE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}(:?\d{2})?)?", re.ASCII)
_LARGEST_BIGINT = 2**63 - 1
# PostgreSQL knows no offset of 16 hours or more; none in use is above 14.
_LARGEST_OFFSET = timedelta(hours=16)


@dataclass(frozen=True)
class EventsQuery:
    """A checked request; `page` is kept as the client's digits, since it is given back as it came."""

    session_id: str
    page: str = "1"
    limit: str = DEFAULT_LIMIT
    since: str | None = None
    event_type: str | None = None
    cursor: str | None = None

    def arguments(self) -> dict[str, str]:
        """The arguments of session_events() by name."""
        named = {
            "p_session_id": self.session_id,
            "p_since": self.since,
            "p_event_type": self.event_type,
            "p_limit": _as_bigint(self.limit),
            "p_page": _as_bigint(self.page),
            "p_cursor": self.cursor,
        }
        return {name: value for name, value in named.items() if value is not None}


def parse(session_id: str, query_string: str) -> EventsQuery:
    """Checks everything and reports all faults at once.

    Raises:
        Problem: invalid-request, with one entry a fault.
    """
    faults: list[Fault] = []
    try:
        pairs = parse_qsl(query_string, keep_blank_values=True, errors="replace", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        message = f"There are more than {_MOST_PARAMETERS} parameters; allowed are {', '.join(ALLOWED)}."
        raise invalid(_fault("query", message)) from None
    for name, times in Counter(name for name, _ in pairs).items():
        if name not in ALLOWED:
            faults.append(_fault(_shown(name), f"{_shown(name)} is not a parameter; allowed are {', '.join(ALLOWED)}."))
        elif times > 1:
            faults.append(_fault(name, f"{name} is given {times} times; give it once."))
    values = {name: value for name, value in pairs if name in ALLOWED}
    if "limit" in values and "per_page" in values:
        faults.append(_fault("per_page", "per_page is another name of limit; give one of them."))
    if "since" in values and "cursor" in values:
        faults.append(_fault("cursor", "cursor and since exclude each other; give one of them."))

    checked: dict[str, str] = {}
    for name, value in {"session_id": session_id, **values}.items():
        try:
            checked["limit" if name == "per_page" else name] = _RULES[name](value)
        except ValueError as error:
            faults.append(_fault(name, f"{name} is {_shown(value)!r}; {error}"))
    if faults:
        raise invalid(*faults)
    return EventsQuery(**checked)


def _uuid(value: str) -> str:
    if _UUID.fullmatch(value):
        return value.lower()
    raise ValueError("it must be a UUID, for example 8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11.")


def _since(value: str) -> str:
    # A client that did not percent-encode its "+" sends a space; ISO 8601 itself has none.
    value = value.replace(" ", "+")
    try:
        if not _SINCE.fullmatch(value):
            raise ValueError
        moment = datetime.fromisoformat(value)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if abs(moment.utcoffset() or timedelta()) >= _LARGEST_OFFSET:
            raise ValueError
        return moment.astimezone(UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError):
        raise ValueError(
            "it must be an ISO 8601 date and time, YYYY-MM-DDThh:mm:ss[.ffffff] with Z or an offset (UTC without one), "
            "for example 2026-01-13T14:30:00.123456Z."
        ) from None


def _event_type(value: str) -> str:
    if _EVENT_TYPE.fullmatch(value):
        return value
    raise ValueError(
        "it must be 1 to 100 lower-case letters, digits and _, starting with a letter, for example step_started."
    )


def _cursor(value: str) -> str:
    if _CURSOR.fullmatch(value):
        return value
    raise ValueError("it must be the cursor of an earlier answer, unchanged; or start again without it.")


def _count(value: str) -> str:
    digits = value.lstrip("0")
    if value and digits and set(value) <= set(string.digits):
        return digits
    raise ValueError("it must be a whole number of at least 1, in digits.")


_RULES: dict[str, Callable[[str], str]] = {
    "session_id": _uuid,
    "since": _since,
    "event_type": _event_type,
    "limit": _count,
    "per_page": _count,
    "cursor": _cursor,
    "page": _count,
}


def _as_bigint(digits: str) -> str:
    """The digits, or PostgreSQL's largest bigint where they are more: both are past every end."""
    return digits if len(digits) < 19 else str(min(int(digits[:20]), _LARGEST_BIGINT))


def _fault(parameter: str, message: str) -> Fault:
    return {"parameter": parameter, "message": message}


def _shown(text: str) -> str:
    """A client's text, short enough to give back."""
    return text if len(text) <= 100 else f"{text[:100]}…"
