"""Points in time as PostgreSQL keeps them: whole microseconds, far beyond the years that Python's datetime knows."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# The Gregorian calendar repeats itself every 400 years.
_CYCLE_YEARS = 400
_CYCLE = timedelta(days=146_097) // MICROSECOND


def moment(year: int, month: int = 1, day: int = 1, *, micros: int = 0) -> int:
    """Microseconds since 1970 of the start of a day (of any astronomical year: 0 is 1 BC), and `micros` more."""
    cycles, rest = divmod(year - 2000, _CYCLE_YEARS)
    return (datetime(2000 + rest, month, day, tzinfo=UTC) - EPOCH) // MICROSECOND + cycles * _CYCLE + micros


FIRST_OF_POSTGRES = moment(-4713, 11, 24)
LAST_OF_POSTGRES = moment(294_277, micros=-1)
FIRST_OF_PYTHON = moment(1)
LAST_OF_PYTHON = moment(10_000, micros=-1)
# Sort before and after every time, as PostgreSQL's own do.
MINUS_INFINITY = FIRST_OF_POSTGRES - 1
INFINITY = LAST_OF_POSTGRES + 1
_WORDS = {MINUS_INFINITY: "-infinity", INFINITY: "infinity"}


def iso(micros: int) -> str:
    """As the API prints it."""
    if micros in _WORDS:
        return _WORDS[micros]
    year, rest = _year(micros)
    if 1 <= year < 10_000:
        return f"{year:04}-{rest}Z"
    # ISO 8601 expanded, as ECMAScript reads it: year 0 is positive.
    return f"{year:+07}-{rest}Z"


def postgres(micros: int) -> str:
    """As PostgreSQL reads it."""
    if micros in _WORDS:
        return _WORDS[micros]
    year, rest = _year(micros)
    return f"{year:04}-{rest}Z" if year > 0 else f"{1 - year:04}-{rest}Z BC"


def _year(micros: int) -> tuple[int, str]:
    """The astronomical year, and the rest in ISO 8601."""
    cycles, rest = divmod(micros - moment(2000), _CYCLE)
    within = datetime(2000, 1, 1, tzinfo=UTC) + rest * MICROSECOND
    return within.year + cycles * _CYCLE_YEARS, within.strftime("%m-%dT%H:%M:%S.%f")
