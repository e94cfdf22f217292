"""FR-008: event_data reaches the client as PostgreSQL prints it."""

from typing import Any
from uuid import UUID

import psycopg
import pytest
import requests

from tests.support.client import Client
from tests.support.rows import Event, add_events

Writer = psycopg.Connection[Any]

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    "data",
    [
        "{}",
        '{"n": 1e400}',
        '{"n": -1e-400}',
        '{"n": 9223372036854775808}',
        '{"n": 18446744073709551617}',
        '{"n": 9007199254740993}',
        '{"n": 0.1}',
        '{"n": 1.10}',
        '{"n": 1.0}',
        '{"n": -0}',
        '{"n": 3.14159265358979323846264338327950288419716939937510}',
        '{"n": 1E+2, "m": 12345678901234567890.123456789}',
        '{"b": 1, "a": 2, "aa": 3, "": 4}',
        '{"a": 1, "a": 2}',
        '{"a": null, "b": true, "c": false, "d": [], "e": {}, "f": ""}',
        '{"a": "\\"quoted\\" \\\\ \\/ \\b\\f\\n\\r\\t"}',
        '{"a": "\\u0001\\u001f\\u007f"}',
        '{"a": "\\u00e9\\u6f22", "é": "漢字"}',
        '{"a": "\\ud83d\\ude00 😀 👩‍👩‍👧‍👧", "\\u2028": "\\u2029"}',
        '{"a": "</script><!--", "items": [], "pagination": {}, "timestamp": "]}"}',
        '{"a": "eq.1", "b": "in.(1)", "__proto__": {"x": 1}}',
        '[1, "two", {"three": [4]}]',
        '"text"',
        "null",
        "1e400",
    ],
    ids=lambda text: ascii(text[:30]),
)
def test_exact(client: Client, writer: Writer, session_id: UUID, data: str) -> None:
    """FR-008: no number should be rounded, no string rewritten and no key reordered on the way."""
    add_events(writer, session_id, [Event(event_data=data)])
    assert b'"event_data":' + _printed(writer, session_id) + b'}],"pagination":' in _bytes(client, session_id)


def test_deeply_nested(client: Client, writer: Writer, session_id: UUID) -> None:
    """FR-008: data nested far deeper than a JSON parser follows should pass, since it is not parsed on the way."""
    depth = 3000
    add_events(writer, session_id, [Event(event_data='{"a":' * depth + "1" + "}" * depth)])
    assert b'"event_data":' + _printed(writer, session_id) + b'}],"pagination":' in _bytes(client, session_id)


def test_many_keys(client: Client, writer: Writer, session_id: UUID) -> None:
    """FR-008: thousands of keys should pass."""
    add_events(writer, session_id, [Event(event_data={f"key {number}": number for number in range(5000)})])
    assert _printed(writer, session_id) in _bytes(client, session_id)


@pytest.mark.parametrize("character", ["x", '"', "é", "😀", "\\"], ids=ascii)
def test_large_payload(client: Client, writer: Writer, session_id: UUID, character: str) -> None:
    """EC: very large payload: an event of 1 MB should pass whole, next to small ones."""
    data = {"log": character * (MEGABYTE // len(character.encode()))}
    add_events(writer, session_id, [Event(event_data=data), Event()])
    page = client.page(session_id)
    assert page["pagination"]["returned"] == 2
    assert data in [item["event_data"] for item in page["items"]]


def test_several_large_payloads(client: Client, writer: Writer, session_id: UUID) -> None:
    """EC: very large payload: ten of them on a page should pass, filtered and limited like any others."""
    events = [Event(event_data={"n": number, "log": "y" * MEGABYTE}) for number in range(10)]
    add_events(writer, session_id, events)
    assert len(client.get(session_id).content) > 10 * MEGABYTE
    pagination = client.page(session_id, limit=2)["pagination"]
    assert pagination.pop("next")
    assert pagination == {
        "page": 1,
        "per_page": 2,
        "total": 10,
        "total_pages": 5,
        "has_next": True,
        "has_prev": False,
        "returned": 2,
    }


def _printed(writer: Writer, session_id: UUID) -> bytes:
    """The data of the session's one event as PostgreSQL prints it."""
    row = writer.execute("select event_data::text from public.events where session_id = %s", [session_id]).fetchone()
    assert row is not None
    text: str = row[0]
    return text.encode()


def _bytes(client: Client, session_id: UUID) -> bytes:
    """The body as it came; read without any parsing, which not every number and depth would survive."""
    response = requests.get(client.events_url(session_id), timeout=60)
    assert response.status_code == 200
    return response.content
