"""A server that is away, and what the page makes of it."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import expect

from stack import migrations
from stack.postgres import Cluster
from stack.postgrest import authenticator_uri, postgrest
from stack.proxy import proxy
from stack.rundir import run_directory
from stack.whole import Stack
from tests.support.rows import START, Event, add_events, add_session, newest_first, spread

from .conftest import Viewers

Writer = psycopg.Connection[Any]
LATER = START + timedelta(hours=1)
OTHER_DATABASE = "another_history"


@pytest.fixture
def sockets(tmp_path: Path) -> Iterator[Path]:
    """Where a PostgREST of the test's own may listen."""
    with run_directory(tmp_path / "run") as directory:
        yield directory


def test_proxy_away(viewers: Viewers, running_stack: Stack, writer: Writer, session_id: UUID) -> None:
    """When the proxy goes and comes back the page should try again by itself, and show all that it missed."""
    add_events(writer, session_id, spread(3))
    with ExitStack() as first:
        front = first.enter_context(proxy(running_stack.postgrest_url))
        viewer = viewers(url=front.url)
        viewer.expects_status(0)
        viewer.open(session_id)
        viewer.shows(["info 2", "info 1", "info 0"])
        first.close()
        away = viewer.page.locator("#away")
        expect(away).to_contain_text("the server cannot be reached.")
        expect(away).to_contain_text(re.compile(r"No connection since \d\d:\d\d:\d\d: .*Trying again in \d+ s"))
        viewer.screenshot("retrying")
        add_events(writer, session_id, [Event(message="while it was away", timestamp=LATER)])
        with proxy(running_stack.postgrest_url, port=urlsplit(front.url).port or 0):
            viewer.shows(["while it was away", "info 2", "info 1", "info 0"])
            expect(viewer.connection).to_have_text("Live · every 2 s")


def test_postgrest_away(
    viewers: Viewers, running_stack: Stack, writer: Writer, session_id: UUID, sockets: Path
) -> None:
    """A 503 should be told in the API's words; the page waits as long as Retry-After says, unless told to try now."""
    uri, socket = authenticator_uri(running_stack.database_url), sockets / "postgrest"
    add_events(writer, session_id, spread(1))
    with proxy(f"unix://{socket}") as front:
        viewer = viewers(url=front.url)
        viewer.expects_status(503)
        with postgrest(uri, socket):
            viewer.open(session_id)
            viewer.shows(["info 0"])
        away = viewer.page.locator("#away")
        expect(away).to_contain_text("the server cannot reach its data. Trying again in 5 s.")
        add_events(writer, session_id, [Event(message="while it was away", timestamp=LATER)])
        with postgrest(uri, socket):
            viewer.button("Retry now").click()
            viewer.shows(["while it was away", "info 0"])


def test_lost_history(
    viewers: Viewers, running_stack: Stack, cluster: Cluster, writer: Writer, session_id: UUID, sockets: Path
) -> None:
    """When another history takes over the page should keep what it shows, and miss nothing of that one."""
    cluster.create_database(OTHER_DATABASE)
    other = cluster.dsn(OTHER_DATABASE, tcp=True)
    migrations.deploy(other)
    ours = spread(60)
    theirs = [
        *ours[:33],
        Event(message="deep", timestamp=ours[33].timestamp),
        *ours[34:44],
        Event(message="new", timestamp=LATER),
    ]
    add_events(writer, session_id, ours)
    with psycopg.connect(other) as writer_of_other:
        add_session(writer_of_other, id=session_id)
        add_events(writer_of_other, session_id, theirs)
    with ExitStack() as first:
        front = first.enter_context(proxy(running_stack.postgrest_url))
        viewer = viewers(url=front.url, height=2400)  # shows them all, so that nothing is loaded by scrolling
        viewer.expects_status(0, 400)
        viewer.open(session_id, "?limit=10")
        for summary in ("Showing 20 of 60 events", "Showing 30 of 60 events"):
            viewer.button("Load older events").click()
            expect(viewer.summary).to_have_text(summary)
        first.close()
        with (
            postgrest(authenticator_uri(other), sockets / "other") as rest,
            proxy(rest.url, port=urlsplit(front.url).port or 0),
        ):
            expect(viewer.line("deep")).to_be_visible()
            expect(viewer.line("new")).to_be_visible()
            expect(viewer.connection).to_have_text("Live · every 2 s")
            while viewer.button("Load older events").is_visible():
                before = viewer.summary.inner_text()
                viewer.button("Load older events").click()
                expect(viewer.summary).not_to_have_text(before)
            expect(viewer.summary).to_have_text("62 events")
            assert viewer.row_ids() == newest_first([*ours, theirs[33], theirs[-1]])
