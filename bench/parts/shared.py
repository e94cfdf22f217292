"""What one call of the database costs that answers several polls, and what each further poll adds."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from functools import partial

import psycopg

from bench import targets
from bench.contenders import ours
from bench.pgbench import latencies
from bench.polls import Poll, positions
from bench.result import Figure, Figures, Result, Setting
from bench.rounds import alternate, percentile, spread
from bench.tables import Cell, Table
from stack.errors import StackError

_SIZES = (1, 8, 32, 64)
_MAX_BYTES = 134_217_728
_PAGE = {"limit": "100", "page": "1"}


def measure(setting: Setting) -> Result:
    """Calls of each size in turn, by pgbench; each of their polls finds nothing new, in another session."""
    found, scale = setting.found, setting.scale
    with ours(found) as product:
        polls = list(positions(found.crowd, product.answer).values())
    calls = {size: _call([polls[number % len(polls)] for number in range(size)]) for size in _SIZES}
    for size, text in calls.items():
        _check(found.adopted, text, size)
    taken = alternate(
        {size: partial(_median, found.adopted, text, scale.calls) for size, text in calls.items()}, scale.rounds
    )
    alone = taken[1]
    further = {
        size: [(both - one) / (size - 1) for both, one in zip(taken[size], alone, strict=True)] for size in _SIZES[1:]
    }
    rows: list[list[Cell]] = [
        [size, spread(taken[size]), spread(further[size]) if size in further else None] for size in _SIZES
    ]
    table = Table(
        "shared",
        "A call of api.answer_polls(), by the number of polls in it, in µs",
        ["polls", "the call", "each further poll"],
        rows,
        f"Medians of {scale.rounds} rounds with the least and the greatest, on one connection, by pgbench. Each poll"
        " finds nothing new, in another session.",
    )
    figures: Figures = {
        targets.ALONE: Figure(spread(alone)),
        targets.FURTHER: Figure(spread(further[_SIZES[-1]])),
    }
    return Result([table], figures)


def _call(polls: Sequence[Poll]) -> str:
    asked = [{"session_id": str(poll.session_id), "cursor": poll.cursor, **_PAGE} for poll in polls]
    text = urlsafe_b64encode(json.dumps(asked).encode()).rstrip(b"=").decode()
    return f"select api.answer_polls(p_polls => '{text}', p_max_bytes => {_MAX_BYTES}, p_way => 'shared');"


def _check(dsn: str, text: str, size: int) -> None:
    """A call that refuses would be measured as a fast one.

    Raises:
        StackError: not every poll was answered, with nothing new.
    """
    with psycopg.connect(dsn) as connection:
        row = connection.execute(text.encode()).fetchone()
    answers = json.loads(bytes(row[0]).partition(b"\n")[0])["answers"] if row else []
    if [answer.get("returned") for answer in answers] != [0] * size:
        raise StackError(f"api.answer_polls() did not answer {size} idle polls: {answers}")


def _median(dsn: str, text: str, calls: int) -> float:
    return percentile(latencies(dsn, text, calls), 50) * 1000
