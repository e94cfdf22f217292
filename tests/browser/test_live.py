"""What comes while somebody looks."""

import os
import re
import subprocess
import sys
import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from playwright.sync_api import expect

from tests.support.rows import START, Event, add_events, spread

from .viewer import Viewer

Writer = psycopg.Connection[Any]
LATER = START + timedelta(hours=1)


def test_recorder(viewer: Viewer, database_url: str) -> None:
    """A session should grow on the page while the recorder writes it, and be said to have ended when it has."""
    session_id = uuid.uuid4()
    command = ["sh", "-c", "echo ready; read line; echo ERROR: $line >&2; exit 3"]
    with subprocess.Popen(
        [sys.executable, "-m", "recorder", "--id", str(session_id), "--name", "a command", "--", *command],
        env={**os.environ, "DATABASE_URL": database_url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as recorder:
        assert recorder.stdin is not None
        assert recorder.stdout is not None
        assert recorder.stdout.readline() == "ready\n"
        viewer.open(session_id)
        expect(viewer.line("ready")).to_be_visible()
        expect(viewer.connection).to_have_text("Live · every 2 s")
        expect(viewer.page.locator(".step-item")).to_have_attribute("data-state", "running")
        recorder.stdin.write("all is lost\n")
        recorder.stdin.flush()
        expect(viewer.row("ERROR: all is lost")).to_have_class(re.compile("level-error"))
    expect(viewer.connection).to_have_text("Session ended · checks every 30 s")
    expect(viewer.messages.first).to_contain_text("Session failed")
    expect(viewer.page.locator(".step-item")).to_contain_text("failed")
    viewer.screenshot("recorded")


def test_newest_is_followed(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """At the top the newest event should come into view by itself, on top."""
    add_events(writer, session_id, spread(100))
    viewer.open(session_id)
    expect(viewer.messages.first).to_have_text("info 99")
    add_events(writer, session_id, [Event(message="here I am", timestamp=LATER)])
    expect(viewer.messages.first).to_have_text("here I am")
    expect(viewer.line("here I am")).to_be_in_viewport()
    expect(viewer.new_events).to_be_hidden()


def test_no_jump_while_scrolled(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """Somebody who has scrolled down should keep what they read in its place, and be told how much is new."""
    add_events(writer, session_id, spread(100))
    viewer.open(session_id)
    viewer.scroll_to("1000.5")
    read = viewer.line("info 60")
    before = viewer.top_of(read)
    add_events(writer, session_id, spread(50, event_type="warning", start=LATER))
    expect(viewer.new_events).to_have_text("↑ 50 new events")
    assert abs(viewer.top_of(read) - before) <= 1
    viewer.screenshot("new-events")
    viewer.new_events.click()
    expect(viewer.line("warning 49")).to_be_in_viewport()
    expect(viewer.new_events).to_be_hidden()


def test_no_jump_while_open(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """An event that is open at the top should stay where it is when others come."""
    add_events(writer, session_id, spread(30))
    viewer.open(session_id)
    viewer.line("info 28").click()
    viewer.summary.click()  # takes the focus away, which alone would keep it in its place
    before = viewer.top_of(viewer.line("info 28"))
    add_events(writer, session_id, spread(3, event_type="error", start=LATER))
    expect(viewer.new_events).to_have_text("↑ 3 new events")
    assert abs(viewer.top_of(viewer.line("info 28")) - before) <= 1
    viewer.scroll_to("0")
    expect(viewer.new_events).to_be_hidden()


def test_burst(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """A burst of more events than a page holds should come as a whole, each event once, in the API's order."""
    add_events(writer, session_id, [Event(message="before")])
    viewer.open(session_id, "?limit=50")
    expect(viewer.summary).to_have_text("1 event")
    with writer.transaction():
        # Four at a time share a timestamp, so that the order hangs on the ids too.
        add_events(writer, session_id, [Event(timestamp=LATER + timedelta(seconds=n // 4)) for n in range(333)])
    expect(viewer.summary).to_have_text("334 events")
    row = writer.execute(
        "select array_agg(id::text order by timestamp desc, id desc) from public.events where session_id = %s",
        [session_id],
    ).fetchone()
    assert row is not None
    assert _all_ids(viewer) == row[0]


def test_late_commit(viewer: Viewer, writer: Writer, database_url: str, session_id: UUID) -> None:
    """An event that is committed late should appear at its place among the older ones."""
    with psycopg.connect(database_url) as slow:
        add_events(slow, session_id, [Event(message="late", timestamp=START + timedelta(seconds=1.5))])
        add_events(writer, session_id, spread(4))
        viewer.open(session_id)
        viewer.shows(["info 3", "info 2", "info 1", "info 0"])
    viewer.shows(["info 3", "info 2", "late", "info 1", "info 0"])


def test_changed_event(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """An event that is changed should be shown as it is now, at its place, open if it was open."""
    events = spread(3)
    add_events(writer, session_id, events)
    viewer.open(session_id)
    viewer.line("info 0").click()
    writer.execute(
        "update public.events set event_type = 'error', message = 'told again', timestamp = %s where id = %s",
        [LATER, events[0].id],
    )
    viewer.shows(["told again", "info 2", "info 1"])
    expect(viewer.row("told again")).to_have_class(re.compile("level-error"))
    expect(viewer.row("told again").get_by_role("region", name="event_data")).to_have_text('{ "n": 0 }')
    expect(viewer.summary).to_have_text("3 events · 1 error")


def test_end(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """A session should be said to have ended once its status says so, which one that nobody knows does not."""

    def set_status(status: str) -> None:
        writer.execute("update public.sessions set status = %s where id = %s", [status, session_id])

    set_status("archived")
    viewer.open(session_id)
    expect(viewer.connection).to_have_text("Live · every 2 s")
    set_status("cancelled")
    expect(viewer.connection).to_have_text("Session ended · checks every 30 s")
    set_status("in_progress")
    viewer.button("Stop updating").click()
    viewer.button("Go on updating").click()
    expect(viewer.connection).to_have_text("Live · every 2 s")


def test_pause(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """While paused the page should ask for nothing; resumed, it should show what it had missed."""
    add_events(writer, session_id, spread(2))
    viewer.page.clock.install()
    viewer.open(session_id)
    viewer.shows(["info 1", "info 0"])
    viewer.button("Stop updating").click()
    expect(viewer.connection).to_have_text("Not updating")
    requests: list[str] = []
    viewer.page.on("request", lambda request: requests.append(request.url))
    add_events(writer, session_id, [Event(message="meanwhile", timestamp=LATER)])
    viewer.page.clock.run_for(120_000)
    assert requests == []
    viewer.shows(["info 1", "info 0"])
    viewer.button("Go on updating").click()
    viewer.shows(["meanwhile", "info 1", "info 0"])


def _all_ids(viewer: Viewer) -> list[str]:
    """The ids of all rows, gathered by scrolling from the top to the end."""
    ids: list[str] = viewer.events.evaluate(
        """async (list) => {
            const ids = new Set();
            for (let top = 0; top <= list.scrollHeight; top += list.clientHeight / 2) {
                list.scrollTop = top;
                await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
                for (const row of list.querySelectorAll(".row[data-id]")) ids.add(row.dataset.id);
            }
            return [...ids];
        }"""
    )
    return ids
