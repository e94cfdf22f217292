"""The two ways to ask: over HTTP, and by a call of the function."""

import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg

from tests.model import moments
from tests.model.oracle import Page, Question, exact, pagination
from tests.support.client import Client

LARGEST_BIGINT = 2**63 - 1
_CALL = """
select id::text, session_id::text, step_id::text, event_type, "timestamp", message, event_data::text
from api.session_events(%(session_id)s, %(since)s, %(event_type)s, %(limit)s, %(page)s, %(cursor)s)
"""
_COLUMNS = ["id", "session_id", "step_id", "event_type", "timestamp", "message"]
_BETWEEN_ITEMS = re.compile(r"[\s,]*")


@dataclass(frozen=True)
class Answer:
    """A page, the very text of each item's event_data, and what to poll on with."""

    page: Page
    event_data: list[str]
    cursor: str


def over_http(client: Client, session_id: UUID, query: str, cursor: str | None) -> Answer:
    """The proxy's answer to a query string."""
    parts = [part for part in (query, f"cursor={cursor}" if cursor else "") if part]
    response = client.session.get(f"{client.events_url(session_id)}?{'&'.join(parts)}", timeout=60)
    assert response.status_code == 200, response.text
    text = response.content.decode()
    body = exact(text)
    assert list(body) == ["items", "pagination", "session", "timestamp", "cursor"]
    assert (body["pagination"].pop("next") is not None) == body["pagination"]["has_next"]
    return Answer(Page(body["items"], body["pagination"]), texts_of_event_data(text), body["cursor"])


def by_call(connection: psycopg.Connection[Any], session_id: UUID, question: Question, cursor: str | None) -> Answer:
    """The function's answer, with the headers that it leaves for PostgREST."""
    arguments = {
        "session_id": session_id,
        "since": None if question.since is None else moments.postgres(question.since),
        "event_type": question.event_type,
        "limit": None if question.limit is None else min(question.limit, LARGEST_BIGINT),
        "page": None if question.page is None else min(question.page, LARGEST_BIGINT),
        "cursor": cursor,
    }
    with connection.transaction():
        rows = connection.execute(_CALL, arguments).fetchall()
        setting = connection.execute("select current_setting('response.headers')").fetchone()
    assert setting is not None
    headers = {name: value for header in json.loads(setting[0]) for name, value in header.items()}
    items = [{**dict(zip(_COLUMNS, row[:-1], strict=True)), "event_data": exact(row[-1])} for row in rows]
    counted = pagination(question.page or 1, int(headers["Per-Page"]), int(headers["Total-Count"]), len(rows))
    assert ("Events-Next" in headers) == counted["has_next"]
    return Answer(Page(items, counted), [row[-1] for row in rows], headers["Events-Cursor"])


def texts_of_event_data(body: str) -> list[str]:
    """Each item's event_data as it stands in the body, digit by digit."""
    decoder = json.JSONDecoder(parse_float=Decimal, parse_int=Decimal)
    texts = []
    position = body.index("[") + 1
    while body[position] != "]":
        # Within a string the quotes would be escaped, so the first one is the item's own key.
        start = body.index('"event_data":', position) + len('"event_data":')
        _, end = decoder.raw_decode(body, start)
        texts.append(body[start:end])
        _, position = decoder.raw_decode(body, position)
        position = _BETWEEN_ITEMS.match(body, position).end()  # type: ignore[union-attr]
    return texts
