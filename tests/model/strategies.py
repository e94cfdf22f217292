"""Random events and questions, made so that they meet: few types, few ids, moments in clusters."""

import json
import re
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import strategies as st

from tests.model import moments
from tests.model.moments import EPOCH, MICROSECOND, moment
from tests.model.oracle import Question

BATCHES = 3
OFFSETS = ["Z", "", "+00:00", "-00:00", "+05:45", "-03:30", "+14:00", "-12:00", "+15:59", "-15:59"]

# What neither JSON's \u0000 nor a text of PostgreSQL can hold is left out.
_ODD_TEXTS = [
    "",
    " ",
    "\x01\x1f\x7f\x80\ufffe",
    '"\\/\b\f\n\r\t',
    "null",
    "\U0001f469\u200d\U0001f467 na\xefve \u03a9 \ufdfd",
    "e\u0301 \u202e",
    '","event_data":{',
    "}\\",
]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.sampled_from(
    _ODD_TEXTS
)

# Some differ from others by a letter, as a pattern or by case only; the last three no client can name over HTTP.
EVENT_TYPES = ["info", "inf", "info_", "inf_x", "infoox", "error", "a" * 100, "Info", "info ", "événement %"]

_NUMBERS = st.sampled_from(
    ["1e400", "-1e-400", str(2**63), str(-(2**63) - 1), "0.1", "1.10", "-0", "-0.0", "1E+2", "1e-7", "9" * 60, "1e3000"]
) | st.integers().map(str)
_LEAVES = _NUMBERS | st.sampled_from(["null", "true", "false", "[]", "{}"]) | TEXTS.map(json.dumps)
_KEYS = st.sampled_from(["event_data", "id", "a", "", "é", '"', "\u2028", "👍"])


def _object(fields: list[tuple[str, str]]) -> str:
    # A key may come twice: the last one counts, as everywhere.
    return "{" + ", ".join(f"{json.dumps(key)}: {value}" for key, value in fields) + "}"


def _containers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(inner, max_size=3).map(lambda values: f"[{','.join(values)}]") | st.lists(
        st.tuples(_KEYS, inner), max_size=3
    ).map(_object)


def _nested(depth: int) -> str:
    return '{"a":[' * depth + "1.10" + "]}" * depth


def _huge(letter: str, size: int) -> str:
    return json.dumps({"huge": letter * size})


JSON_TEXTS = st.one_of(
    st.just("{}"),
    st.lists(st.tuples(_KEYS, st.recursive(_LEAVES, _containers, max_leaves=6)), max_size=3).map(_object),
    st.recursive(_LEAVES, _containers, max_leaves=3),
    st.integers(1, 150).map(_nested),
    st.builds(_huge, st.sampled_from("x\x01é"), st.sampled_from([2000, 50_000])),
)

INSTANTS = (
    st.sampled_from(
        [
            moment(2026, 1, 13),
            moment(1970),
            moment(2000, micros=-1),
            moments.FIRST_OF_PYTHON,
            moments.LAST_OF_PYTHON,
            moments.FIRST_OF_POSTGRES,
            moments.LAST_OF_POSTGRES,
            moments.MINUS_INFINITY,
            moments.INFINITY,
        ]
    )
    | st.integers(moment(1900), moment(2100))
    | st.integers(moments.FIRST_OF_POSTGRES, moments.LAST_OF_POSTGRES)
)


def near(instants: list[int]) -> st.SearchStrategy[int]:
    """One of the instants, or a neighbour at up to two microseconds, or exactly at a second near it."""
    return st.builds(
        lambda instant, step: min(max(instant + step, moments.MINUS_INFINITY), moments.INFINITY),
        st.sampled_from(instants) | st.sampled_from(instants).map(lambda instant: instant // 1_000_000 * 1_000_000),
        st.sampled_from([0, 0, 0, -1, 1, 2, -2]),
    )


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An event that is not yet bound to a session; `order` decides between events of one moment."""

    order: int
    batch: int
    moment: int
    of_other_session: bool
    with_step: bool
    event_type: str
    message: str | None
    event_data: str


@dataclass(frozen=True, kw_only=True)
class Poll:
    """A question; `query` is how a client spells it (None where HTTP cannot), without the cursor.

    With `after_batch` it is asked with the cursor taken after that many batches.
    """

    question: Question
    after_batch: int | None
    query: str | None


@dataclass(frozen=True, kw_only=True)
class Case:
    """Events that are written in BATCHES transactions, and what is asked about them."""

    drafts: list[Draft]
    polls: list[Poll]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Events and questions that meet: around the same few moments, of the same few types."""
    instants = draw(st.lists(INSTANTS, min_size=1, max_size=3))
    types = draw(st.lists(st.sampled_from(EVENT_TYPES), min_size=1, max_size=3))
    events = draw(drafts(instants, types, min_size=draw(st.sampled_from([0, 10, 20])), max_size=30))
    # Enough for the default limit, for the largest one, and for many pages.
    bulk = _bulk(instants, types, draw(st.sampled_from([0] * 12 + [105, 210, 1010])))
    return Case(drafts=events + bulk, polls=draw(st.lists(polls(instants, types), min_size=3, max_size=6)))


def at_the_cap() -> Case:
    """More events than the largest page holds, with limits around it."""
    return Case(
        drafts=_bulk([moment(2026)], ["info"], 1010),
        polls=[
            Poll(question=Question(limit=limit, page=page), after_batch=None, query=f"limit={limit}&page={page}")
            for limit in (999, 1000, 1001, 10**30)
            for page in (1, 2)
        ],
    )


def drafts(
    instants: list[int], types: list[str], *, min_size: int = 0, max_size: int
) -> st.SearchStrategy[list[Draft]]:
    """Events around the instants, no two with the same `order`."""
    return st.lists(
        st.builds(
            Draft,
            order=st.integers(0, 2**63),
            batch=st.integers(0, BATCHES - 1),
            moment=near(instants),
            of_other_session=st.sampled_from([False, False, False, True]),
            with_step=st.booleans(),
            event_type=st.sampled_from(types),
            message=st.none() | TEXTS,
            event_data=JSON_TEXTS,
        ),
        min_size=min_size,
        max_size=max_size,
        unique_by=lambda draft: draft.order,
    )


def _bulk(instants: list[int], types: list[str], size: int) -> list[Draft]:
    return [
        Draft(
            order=2**63 + 1 + number,
            batch=number % BATCHES,
            moment=_finite(instants[number % len(instants)] + number % 7),
            of_other_session=False,
            with_step=False,
            event_type=types[number % len(types)],
            message=None,
            event_data="{}",
        )
        for number in range(size)
    ]


@st.composite
def polls(draw: st.DrawFn, instants: list[int], types: list[str]) -> Poll:
    """A question about events near the instants, in one of its spellings."""
    how = draw(st.sampled_from(["all", "since", "cursor"]))
    question = Question(
        since=draw(near(instants).map(_finite)) if how == "since" else None,
        event_type=draw(st.none() | st.sampled_from(types) | st.sampled_from(EVENT_TYPES)),
        limit=draw(st.none() | st.sampled_from([1, 2, 3, 7]) | st.sampled_from([100, 999, 1000, 1001, 10**30])),
        page=draw(st.none() | st.sampled_from([1, 2, 3]) | st.sampled_from([11, 10**18, 2**63, 10**30])),
    )
    return Poll(
        question=question,
        after_batch=draw(st.integers(0, BATCHES)) if how == "cursor" else None,
        query=draw(queries(question)),
    )


@st.composite
def queries(draw: st.DrawFn, question: Question) -> str | None:
    """The query string of a question, in any order; None where HTTP cannot ask it."""
    parts = []
    if question.since is not None:
        if not moments.FIRST_OF_PYTHON <= question.since <= moments.LAST_OF_PYTHON:
            return None
        parts.append(f"since={draw(spelled(question.since))}")
    if question.event_type is not None:
        if not re.fullmatch("[a-z][a-z0-9_]*", question.event_type):
            return None
        parts.append(f"event_type={question.event_type}")
    zeros = st.sampled_from(["", "", "00"])
    if question.limit is not None:
        parts.append(f"{draw(st.sampled_from(['limit', 'per_page']))}={draw(zeros)}{question.limit}")
    if question.page is not None:
        parts.append(f"page={draw(zeros)}{question.page}")
    return "&".join(draw(st.permutations(parts)))


def spelled(micros: int) -> st.SearchStrategy[str]:
    """A `since` as some client might write it into a query string: Z, an offset or neither, any number of digits."""
    day = 86_400_000_000
    near_an_end = micros - moments.FIRST_OF_PYTHON < day or moments.LAST_OF_PYTHON - micros < day
    return st.builds(
        _spelling,
        st.just(micros),
        st.sampled_from(OFFSETS[:2] if near_an_end else OFFSETS),
        st.integers(0, 6),
        st.text("0123456789", max_size=6),
        st.sampled_from(["+", "%2B", "%20"]),
    )


def _spelling(micros: int, offset: str, digits: int, finer: str, plus: str) -> str:
    ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:])) if len(offset) > 1 else timedelta()
    local = EPOCH + micros * MICROSECOND + (-ahead if offset.startswith("-") else ahead)
    fraction = f"{local.microsecond:06}"
    fraction = fraction[: max(digits, len(fraction.rstrip("0")))]
    if len(fraction) == 6:
        # Finer than a microsecond is cut off.
        fraction += finer
    return f"{local:%Y-%m-%dT%H:%M:%S}".zfill(19) + f"{'.' if fraction else ''}{fraction}{offset}".replace("+", plus)


def _finite(micros: int) -> int:
    return min(max(micros, moments.FIRST_OF_POSTGRES), moments.LAST_OF_POSTGRES)
