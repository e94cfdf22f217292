"""FR-013, FR-014: what the query string and the path may be."""

import uuid
from typing import Any
from urllib.parse import quote
from uuid import UUID

import psycopg
import pytest

from tests.support.client import Client, assert_problem
from tests.support.rows import Event, add_events, add_session

from . import wire

Writer = psycopg.Connection[Any]

ALLOWED = "since, event_type, limit, per_page, cursor, page, next"
EVENT_TIME = "2026-01-13T14:30:00.5Z"


@pytest.fixture
def one_event(writer: Writer, session_id: UUID) -> UUID:
    """A session with an event at half a second past 14:30 UTC."""
    add_events(writer, session_id, [Event(timestamp=EVENT_TIME)])
    return session_id


@pytest.mark.parametrize(
    ("since", "found"),
    [
        ("2026-01-13T14:30:00Z", True),
        ("2026-01-13T14:30:01Z", False),
        ("2026-01-13T14:30:00.4Z", True),
        ("2026-01-13T14:30:00.499999Z", True),
        ("2026-01-13T14:30:00.500000Z", False),
        ("2026-01-13T14:30:00", True),
        ("2026-01-13T14:30:01", False),
        ("2026-01-13T16:30:00+02:00", True),
        ("2026-01-13T16:30:01+02:00", False),
        ("2026-01-13T09:30:00-05:00", True),
        ("2026-01-13T09:30:01-05:00", False),
        ("2026-01-13T20:15:00+05:45", True),
        ("2026-01-13T20:15:01+05:45", False),
        ("2026-01-14T04:30:00+14:00", True),
        ("2026-01-14T04:30:01+14:00", False),
        ("2026-01-13T02:30:01-12:00", False),
        ("2026-01-13T14:30:00+00:00", True),
        ("2026-01-13T14:30:01-00:00", False),
        ("2026-01-13T16:30:01+0200", False),
        ("0001-01-01T00:00:00Z", True),
        ("9999-12-31T23:59:59.999999Z", False),
        ("2024-02-29T00:00:00Z", True),
        ("0001-01-01T00:00:00+14:00", True),
        ("9999-12-31T23:59:59-12:00", False),
        ("2026-01-13T14:30:00.4999999Z", True),
        ("2026-01-13T14:30:00.5000009Z", False),
    ],
)
def test_since_accepted(client: Client, one_event: UUID, since: str, found: bool) -> None:
    """FR-003: with Z, an offset or neither (UTC), with or without a fraction, it should be the moment it says."""
    assert bool(client.ids(one_event, since=since)) is found


@pytest.mark.parametrize(("second", "found"), [("00", True), ("01", False)])
def test_since_with_plus_as_space(client: Client, one_event: UUID, second: str, found: bool) -> None:
    """FR-003: a "+" that the client did not percent-encode should be read as "+"."""
    query = f"?since=2026-01-13T16:30:{second}+02:00"
    response = client.session.get(client.events_url(one_event) + query, timeout=60)
    assert response.status_code == 200
    assert bool(response.json()["items"]) is found


NOT_ISO = {
    "nothing": ["", " "],
    "words of PostgreSQL": [
        "now",
        "today",
        "yesterday",
        "tomorrow",
        "epoch",
        "infinity",
        "-infinity",
        "allballs",
        "null",
    ],
    "numbers": ["0", "1768314600", "J2461054", "2" * 60000],
    "dates or times alone": ["2026", "2026-01", "2026-01-13", "14:30:00", "20260113"],
    "other formats": ["13/01/2026 14:30", "Tue Jan 13 14:30:00 2026", "x" * 5000],
    "no such date": ["2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-32T00:00:00Z"],
    "no such time": ["2026-01-13T25:00:00Z", "2026-01-13T14:60:00Z", "2026-01-13T14:30:61Z", "2026-01-13T14:30:00.Z"],
    "no such offset": ["2026-01-13T14:30:00+24:00", "2026-01-13T14:30:00+99:99", "2026-01-13T14:30:00+16:00"],
    "half an offset": ["2026-01-13T14:30:00+1", "2026-01-13T14:30:00+", "2026-01-13T14:30:00ZZ"],
    "names of zones": ["2026-01-13T14:30:00 UTC", "2026-01-13T14:30:00 Europe/Paris"],
    "years beyond": [
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "-2026-01-13T14:30:00Z",
        "+12026-01-13T14:30:00Z",
    ],
    "more behind it": ["2026-01-13T14:30:00Zjunk", "2026-01-13T14:30:00Z' or '1'='1", "2026-01-13T14:30:00Z\n"],
    "NUL": ["2026-01-13T14:30:00\x00", "2026-01-13T14:30:00\x00junk", "2026-01-13\x0014:30:00"],
    "other digits and dashes": ["٢٠٢٦-01-13T14:30:00Z", "２０２６-01-13T14:30:00Z", "2026‐01‐13T14:30:00Z"],
}


@pytest.mark.parametrize(
    "since",
    [pytest.param(text, id=f"{reason}: {text[:30]!a}") for reason, texts in NOT_ISO.items() for text in texts],
)
def test_since_refused(client: Client, one_event: UUID, since: str) -> None:
    """FR-014: anything that is not ISO 8601 should be a 400 with the format wanted and an example."""
    body = assert_problem(client.get(one_event, since=since), 400, "since")
    message = body["errors"][0]["message"]
    assert "ISO 8601" in message
    assert "YYYY-MM-DDThh:mm:ss" in message
    assert "2026-01-13T14:30:00.123456Z" in message
    assert len(message) < 1000


NOT_EXISTING = {
    "day": ["2026-02-30T00:00:00Z", "2025-02-29T12:00:00", "2026-13-01T00:00:00+02:00", "0000-01-01T00:00:00Z"],
    "time of day": ["2026-01-13T24:00:00Z", "2026-01-13T14:60:00Z", "2026-01-13T23:59:60.5Z"],
    "offset": ["2026-01-13T14:30:00+16:00", "2026-01-13T14:30:00-05:60"],
}


@pytest.mark.parametrize(("what", "since"), [(what, text) for what, texts in NOT_EXISTING.items() for text in texts])
def test_since_that_does_not_exist(client: Client, one_event: UUID, what: str, since: str) -> None:
    """FR-014: a well-formed day or time that does not exist should be told apart from a wrong format."""
    body = assert_problem(client.get(one_event, since=since), 400, "since")
    assert f"there is no such {what};" in body["errors"][0]["message"]


TOKENS = ["", " ", "a b", "a+b", "a/b", "a=", "é", "x" * 4001, "a\x00"]


@pytest.mark.parametrize("name", ["cursor", "next"])
@pytest.mark.parametrize("token", TOKENS, ids=lambda text: ascii(text[:12]))
def test_tokens_refused(client: Client, one_event: UUID, name: str, token: str) -> None:
    """FR-013: a cursor or next with other characters, or longer than any of ours, should be a 400."""
    parameters: dict[str, Any] = {name: token}
    assert "earlier answer" in assert_problem(client.get(one_event, **parameters), 400, name)["detail"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("since", EVENT_TIME), ("event_type", "info"), ("limit", "1"), ("per_page", "1"), ("page", "2"), ("cursor", "x")],
)
def test_next_comes_alone(client: Client, one_event: UUID, name: str, value: str) -> None:
    """FR-013: next with any other parameter should be a 400, since it knows them all already."""
    parameters: dict[str, Any] = {name: value, "next": "x"}
    assert "alone" in assert_problem(client.get(one_event, **parameters), 400, "next")["detail"]


ASCII_TYPES = [
    "",
    " ",
    "Error",
    "ERROR",
    "_a",
    "1a",
    "a-b",
    "a b",
    "a.b",
    "a,b",
    "a%",
    "a*",
    "a" * 101,
    "a\n",
    "a\x00",
    "'",
]


@pytest.mark.parametrize("event_type", [*ASCII_TYPES, "é", "ａ"], ids=ascii)
def test_event_type_refused(client: Client, one_event: UUID, event_type: str) -> None:
    """FR-013: a type that no event could have should be a 400 that says what one looks like."""
    body = assert_problem(client.get(one_event, event_type=event_type), 400, "event_type")
    assert "lower-case letters, digits and _" in body["errors"][0]["message"]


COUNTS = [
    "",
    " ",
    "0",
    "00",
    "-1",
    "+1",
    "1.5",
    "1.0",
    "1e3",
    "0x10",
    "1_000",
    "1,000",
    " 1",
    "1 ",
    "ten",
    "null",
    "NaN",
]
ODD_COUNTS = ["٣", "３", "²", "1\x00", "1\n", "-" + "9" * 5000, "0" * 5000]


@pytest.mark.parametrize("name", ["limit", "per_page", "page"])
@pytest.mark.parametrize("value", [*COUNTS, *ODD_COUNTS], ids=lambda text: ascii(text[:12]))
def test_counts_refused(client: Client, one_event: UUID, name: str, value: str) -> None:
    """FR-013: anything but ASCII digits of at least 1 should be a 400 that says so."""
    parameters: dict[str, Any] = {name: value}
    body = assert_problem(client.get(one_event, **parameters), 400, name)
    assert "whole number of at least 1" in body["errors"][0]["message"]


@pytest.mark.parametrize("form", [str.upper, str.lower, str.title], ids=["upper", "lower", "mixed"])
def test_session_id_in_any_case(client: Client, writer: Writer, form: Any) -> None:
    """FR-001: the id should be found in any case."""
    session_id = add_session(writer, id=UUID(f"abcdef00{uuid.uuid4().hex[8:]}"))
    assert client.page(form(str(session_id)))["pagination"]["total"] == 0


@pytest.mark.parametrize(
    "form",
    [
        "{{{id}}}",
        "urn:uuid:{id}",
        "{hex}",
        "{id} ",
        " {id}",
        "{id}0",
        "{short}",
        "{id},{id}",
        "{id}.json",
        "-{id}",
        "{id}\n",
    ],
)
def test_session_id_not_canonical(client: Client, session_id: UUID, form: str) -> None:
    """FR-013: forms of a UUID that PostgreSQL would take, and near misses, should be a 400."""
    text = form.format(id=session_id, hex=session_id.hex, short=str(session_id)[:-1])
    assert_problem(client.get(quote(text, safe="")), 400, "session_id")


WORDS = ["1", "null", "undefined", "x" * 5000, "eq.1", "'%20or%20'1'='1", "%7B%7D"]
BYTES = ["%00", "%ff", "%C3%A9", "..%2F..%2Fhealth", "a%2Fb", "%2e%2e", "%zz", "%", "%0d%0aSet-Cookie:%20a=b"]
NEAR = ["8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b1g", "٨c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11"]


@pytest.mark.parametrize("text", [*WORDS, *BYTES, *NEAR], ids=lambda text: ascii(text[:30]))
def test_session_id_refused(client: Client, text: str) -> None:
    """FR-013: garbage in place of the id should be a 400 that names session_id, percent-encoded slashes too."""
    target = f"/api/v2/sessions/{quote(text, safe='%')}/events"
    body = assert_problem(wire.get(client.url, target.encode()), 400, "session_id")
    assert "must be a UUID" in body["errors"][0]["message"]


NAMES = ["foo=1", "Limit=1", "LIMIT=1", "since%20=x", "%20since=x", "limit[]=1", "foo", "=1", "x" * 5000 + "=1"]
POSTGRESTS = ["p_limit=1", "offset=1", "order=id", "select=id", "and=(id)", "columns=id", "on_conflict=id", "id=eq.1"]
GARBAGE = ["%00=1", "%ff=1", "%ed%a0%80=1", "%F0%9F%98%80=1", "%zz=1", "%=1", "a=%zz"]


@pytest.mark.parametrize("query", [*NAMES, *POSTGRESTS, *GARBAGE], ids=lambda text: text[:30])
def test_unknown_parameter(client: Client, one_event: UUID, query: str) -> None:
    """FR-013: a parameter that is not ours should be a 400 that says which there are, never a silent no-op."""
    path = f"/api/v2/sessions/{one_event}/events?{query}"
    response = wire.get(client.url, path.encode())
    body = assert_problem(response, 400, response.json()["errors"][0]["parameter"])
    assert ALLOWED in body["errors"][0]["message"]


def test_unknown_parameter_by_name(client: Client, one_event: UUID) -> None:
    """FR-013: each unknown parameter should be named once, in the order sent."""
    assert_problem(client.get(one_event, foo="1", bar=["1", "2"]), 400, "foo", "bar")


@pytest.mark.parametrize(
    ("name", "value"),
    [("since", EVENT_TIME), ("event_type", "info"), ("limit", "1"), ("per_page", "1"), ("page", "1")],
)
def test_repeated_parameter(client: Client, one_event: UUID, name: str, value: str) -> None:
    """FR-013: a parameter given twice should be a 400, even with the same value."""
    parameters: dict[str, Any] = {name: [value, value]}
    body = assert_problem(client.get(one_event, **parameters), 400, name)
    assert "2 times" in body["detail"]


def test_repeated_cursor(client: Client, one_event: UUID) -> None:
    """FR-013: a cursor given twice should be a 400."""
    cursor = client.page(one_event)["cursor"]
    assert_problem(client.get(one_event, cursor=[cursor, cursor]), 400, "cursor")


def test_limit_and_per_page(client: Client, one_event: UUID) -> None:
    """FR-013: limit and its other name together should be a 400, even where they agree."""
    assert "limit" in assert_problem(client.get(one_event, limit=5, per_page=5), 400, "per_page")["detail"]


def test_since_and_cursor(client: Client, one_event: UUID) -> None:
    """FR-013: since and cursor together should be a 400 that says that they exclude each other."""
    cursor = client.page(one_event)["cursor"]
    assert "since" in assert_problem(client.get(one_event, since=EVENT_TIME, cursor=cursor), 400, "cursor")["detail"]


def test_all_faults_at_once(client: Client) -> None:
    """FR-013: every fault should be told in one answer, each under its parameter and in the detail."""
    response = client.get(
        "nonsense",
        foo="1",
        since="now",
        event_type="Error",
        limit="0",
        per_page="ten",
        cursor="?",
        page=["-1", "1.5"],
    )
    names = [error["parameter"] for error in response.json()["errors"]]
    body = assert_problem(response, 400, *names)
    assert set(names) == {"session_id", "foo", "since", "event_type", "limit", "per_page", "cursor", "page"}
    assert all(error["message"] in body["detail"] for error in body["errors"])


def test_empty_query(client: Client, one_event: UUID) -> None:
    """FR-013: an empty query string and empty pairs should be no fault."""
    for query in ("?", "?&", "?&&limit=1&"):
        response = client.session.get(client.events_url(one_event) + query, timeout=60)
        assert response.status_code == 200


@pytest.mark.parametrize("name", ["since", "event_type", "limit", "per_page", "cursor", "page", "next"])
def test_percent_encoded_garbage(client: Client, one_event: UUID, name: str) -> None:
    """FR-013: bytes that are no text should be a 400 that names the parameter."""
    for garbage in ("%ff%fe", "%00", "%zz", "%", "%c3%28", "%ed%a0%80", "%0d%0aSet-Cookie:%20a=b"):
        path = f"/api/v2/sessions/{one_event}/events?{name}={garbage}"
        response = wire.get(client.url, path.encode())
        assert_problem(response, 400, name)
        assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "operator", ["eq.{}", "neq.{}", "in.({})", "not.eq.{}", "gt.{}", "cs.{{{}}}", "like.*", "is.null"]
)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("event_type", "info"),
        ("since", EVENT_TIME),
        ("limit", "1"),
        ("per_page", "1"),
        ("page", "1"),
        ("cursor", "x"),
        ("next", "x"),
    ],
)
def test_operators_never_act(client: Client, one_event: UUID, name: str, value: str, operator: str) -> None:
    """FR-013: a value shaped like a filter of PostgREST should be as bad as any other value."""
    parameters: dict[str, Any] = {name: operator.format(value)}
    assert_problem(client.get(one_event, **parameters), 400, name)


def test_operators_in_the_path_never_act(client: Client, one_event: UUID) -> None:
    """FR-013: nor should the id take one."""
    for text in (f"eq.{one_event}", f"in.({one_event})", "is.null", "not.is.null"):
        assert_problem(client.get(text), 400, "session_id")
