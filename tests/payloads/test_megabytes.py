"""A page of a hundred events of a megabyte each, as its author wrote them."""

import hashlib
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.model.answers import texts_of_event_data
from tests.payloads.conftest import EVENTS, MEGABYTE
from tests.payloads.servers import Servers, fetch
from tests.support.rows import add_events, add_session, spread


@pytest.mark.parametrize("coding", ["identity", "gzip"])
def test_page_is_exact(servers: Servers, megabytes: UUID, writer: psycopg.Connection[Any], coding: str) -> None:
    """Each event should arrive byte for byte as PostgreSQL prints it, compressed on the way or not."""
    response = servers.client.get(megabytes, limit=EVENTS, headers={"Accept-Encoding": coding})
    assert response.status_code == 200, response.text
    assert response.headers.get("Content-Encoding", "identity") == coding
    assert len(response.content) > EVENTS * MEGABYTE
    texts = texts_of_event_data(response.text)
    printed = writer.execute(
        "select md5(event_data::text) from public.events where session_id = %s order by timestamp desc", [megabytes]
    )
    assert [hashlib.md5(text.encode()).hexdigest() for text in texts] == [text for (text,) in printed]  # noqa: S324
    for text in texts:
        data = json.loads(text)
        assert hashlib.sha256(data["payload"].encode()).hexdigest() == data["sha256"]


def test_small_polls_go_on(servers: Servers, megabytes: UUID, writer: psycopg.Connection[Any]) -> None:
    """While a large page is made, compressed and sent, small polls should be answered, none held up for most of it."""
    small = add_session(writer)
    add_events(writer, small, spread(5))
    took = []
    with ThreadPoolExecutor() as threads:
        started = time.monotonic()
        large = threads.submit(fetch, servers.client.url, megabytes, "gzip", limit=EVENTS // 2)
        while not large.done():
            asked = time.monotonic()
            assert len(servers.client.ids(small)) == 5
            took.append(time.monotonic() - asked)
        whole = time.monotonic() - started
    assert large.result() > EVENTS * MEGABYTE // 4
    print(f"{whole:.1f} s, meanwhile {len(took)} small polls, the slowest {max(took):.2f} s")
    assert len(took) > 5
    assert max(took) < whole / 2
