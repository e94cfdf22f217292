"""From the path and the query string of a request to a checked query."""

import re
import string
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qsl

from proxy.problems import Fault, invalid

T = TypeVar("T")

DEFAULT_LIMIT = "100"
ALLOWED = ("since", "event_type", "limit", "per_page", "cursor", "page", "next")

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EVENT_TYPE = re.compile(r"[a-z][a-z0-9_]{0,99}")
# The longest next token: two snapshots of 64 writers in flight each (tests/pgtap/next_token.sql).
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,4500}")
_MOST_PARAMETERS = 50
# Who follows an idle session asks the same again and again.
_QUERIES_REMEMBERED = 4096
# Of a query with a token; a longer one is of somebody who plays with digits.
_LONGEST_REMEMBERED = 6000
_SINCE = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?(?:Z|([+-])(\d{2})(?::?(\d{2}))?)?", re.ASCII
)
# PostgreSQL knows no offset of 16 hours or more; none in use is above 14.
_LARGEST_OFFSET = timedelta(hours=16)


class EventsQuery(NamedTuple):
    """A checked request; `page` is kept as the client's digits, since it is given back as it came."""

    session_id: str
    page: str = "1"
    limit: str = DEFAULT_LIMIT
    since: str | None = None
    event_type: str | None = None
    cursor: str | None = None
    next: str | None = None

    @property
    def kind(self) -> str:
        """What it goes on from, or `page`."""
        return "next" if self.next else "cursor" if self.cursor else "since" if self.since else "page"


def parse(session_id: str, query_string: str) -> EventsQuery:
    """Checks everything and reports all faults at once.

    Raises:
        Problem: invalid-request, with one entry a fault.
    """
    return (_remembered if len(query_string) <= _LONGEST_REMEMBERED else _checked)(session_id, query_string)


def _checked(session_id: str, query_string: str) -> EventsQuery:
    try:
        pairs = parse_qsl(query_string, keep_blank_values=True, errors="replace", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        message = f"There are more than {_MOST_PARAMETERS} parameters; allowed are {', '.join(ALLOWED)}."
        raise invalid(_fault("query", message)) from None
    values = {name: value for name, value in pairs if name in ALLOWED}
    faults = [*_misnamed(pairs), *_excluding(values)]
    checked: dict[str, str] = {}
    for name, value in {"session_id": session_id, **values}.items():
        try:
            checked["limit" if name == "per_page" else name] = _RULES[name](value)
        except ValueError as error:
            faults.append(_fault(name, f"{name} is {_shown(value)!r}; {error}"))
    if faults:
        raise invalid(*faults)
    return EventsQuery(**checked)


_remembered = lru_cache(_QUERIES_REMEMBERED)(_checked)


def _misnamed(pairs: list[tuple[str, str]]) -> Iterator[Fault]:
    """What is wrong with the names alone."""
    names = [name for name, _ in pairs]
    for name in dict.fromkeys(names):
        if name not in ALLOWED:
            yield _fault(_shown(name), f"{_shown(name)} is not a parameter; allowed are {', '.join(ALLOWED)}.")
        elif (times := names.count(name)) > 1:
            yield _fault(name, f"{name} is given {times} times; give it once.")


def _excluding(values: Mapping[str, str]) -> Iterator[Fault]:
    """What is wrong with which parameters came together."""
    if "limit" in values and "per_page" in values:
        yield _fault("per_page", "per_page is another name of limit; give one of them.")
    if "since" in values and "cursor" in values:
        yield _fault("cursor", "cursor and since exclude each other; give one of them.")
    if "next" in values and len(values) > 1:
        yield _fault("next", "next knows filters, limit and page already; give it alone.")


def _uuid(value: str) -> str:
    if _UUID.fullmatch(value):
        return value.lower()
    raise ValueError("it must be a UUID, for example 8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11.")


def _since(value: str) -> str:
    """The moment in its own time zone: in UTC it may lie outside of the years that Python knows."""
    # A client that did not percent-encode its "+" sends a space; ISO 8601 itself has none.
    found = _SINCE.fullmatch(value.replace(" ", "+"))
    try:
        if not found:
            raise ValueError
        year, month, day, hour, minute, second, fraction, sign, hours, minutes = found.groups(default="0")
        # Truncated to what PostgreSQL knows, so that nothing is skipped.
        microsecond = int(fraction.ljust(6, "0")[:6])
        moment = datetime.combine(
            _existing("day", lambda: date(int(year), int(month), int(day))),
            _existing("time of day", lambda: time(int(hour), int(minute), int(second), microsecond)),
            _existing("offset", lambda: _offset(sign, int(hours), int(minutes))),
        )
    except ValueError as error:
        raise ValueError(
            f"{error}it must be an ISO 8601 date and time, YYYY-MM-DDThh:mm:ss[.ffffff] with Z or an offset "
            "(UTC without one), for example 2026-01-13T14:30:00.123456Z."
        ) from None
    return moment.isoformat(timespec="microseconds")


def _existing(what: str, make: Callable[[], T]) -> T:
    try:
        return make()
    except ValueError:
        raise ValueError(f"there is no such {what}; ") from None


def _offset(sign: str, hours: int, minutes: int) -> timezone:
    offset = timedelta(hours=hours, minutes=minutes)
    if minutes >= 60 or offset >= _LARGEST_OFFSET:
        raise ValueError
    return timezone(-offset if sign == "-" else offset)


def _event_type(value: str) -> str:
    if _EVENT_TYPE.fullmatch(value):
        return value
    raise ValueError(
        "it must be 1 to 100 lower-case letters, digits and _, starting with a letter, for example step_started."
    )


def _cursor(value: str) -> str:
    if _TOKEN.fullmatch(value):
        return value
    raise ValueError("it must be the cursor of an earlier answer, unchanged; or start again without it.")


def _next(value: str) -> str:
    if _TOKEN.fullmatch(value):
        return value
    raise ValueError("it must be the pagination.next of an earlier answer, unchanged; or start again without it.")


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
    "next": _next,
}


def _fault(parameter: str, message: str) -> Fault:
    return {"parameter": parameter, "message": message}


def _shown(text: str) -> str:
    """A client's text, short enough to give back."""
    return text if len(text) <= 100 else f"{text[:100]}…"
