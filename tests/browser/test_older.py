"""The past, loaded as far as somebody wants to see it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import expect

from demo.samples import BIG_EVENTS, SAMPLES, fill
from tests.support.rows import START, Event, add_events, newest_first, spread

from .conftest import Viewers
from .viewer import Viewer

Writer = psycopg.Connection[Any]
MOST_ROWS = 80


@pytest.fixture
def samples(writer: Writer) -> None:
    """The sample sessions of the demo."""
    fill(writer)


def test_button(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """The button below the events should load the page before them, until there are no more."""
    add_events(writer, session_id, spread(12))
    viewer.open(session_id, "?limit=5")
    for summary in ("Showing 5 of 12 events", "Showing 10 of 12 events", "12 events"):
        expect(viewer.summary).to_have_text(summary)
        if summary != "12 events":
            viewer.button("Load older events").click()
    viewer.shows([f"info {number}" for number in reversed(range(12))])
    expect(viewer.button("Load older events")).to_be_hidden()


def test_past_stays_in_its_place(viewers: Viewers, writer: Writer, session_id: UUID) -> None:
    """Events that came since the page was opened should move nothing of the past: none is skipped, none doubled."""
    viewer = viewers(height=2400)  # shows them all, so that nothing is loaded by scrolling
    events = spread(30)
    add_events(writer, session_id, events)
    viewer.open(session_id, "?limit=10")
    new = spread(23, start=START + timedelta(hours=1))
    add_events(writer, session_id, new)
    for summary in ("Showing 43 of 53 events", "53 events"):
        viewer.button("Load older events").click()
        expect(viewer.summary).to_have_text(summary)
    assert viewer.row_ids() == newest_first(events + new)


def test_late_event_below_the_gap(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """A late event older than all that is loaded should stand below the button, since more belongs between."""
    add_events(writer, session_id, spread(9))
    viewer.open(session_id, "?limit=3")
    viewer.shows(["info 8", "info 7", "info 6"])
    add_events(writer, session_id, [Event(message="late", timestamp=START + timedelta(seconds=0.5))])
    viewer.shows(["info 8", "info 7", "info 6", "late"])
    expect(viewer.summary).to_have_text("Showing 4 of 10 events")
    button = viewer.button("Load older events")
    assert viewer.top_of(viewer.line("info 6")) < viewer.top_of(button) < viewer.top_of(viewer.line("late"))
    button.click()
    viewer.shows(["info 8", "info 7", "info 6", "info 5", "info 4", "info 3", "late"])
    expect(viewer.summary).to_have_text("Showing 7 of 10 events")
    button.click()
    viewer.shows([*(f"info {number}" for number in reversed(range(1, 9))), "late", "info 0"])
    expect(viewer.summary).to_have_text("10 events")
    expect(button).to_be_hidden()


@pytest.mark.usefixtures("samples")
def test_ten_thousand_events(viewer: Viewer) -> None:
    """Scrolling through 10,000 events should reach the first one, with few elements in the document all the way."""
    viewer.open(SAMPLES["big"].id, "?limit=1000")
    for loaded in range(1000, BIG_EVENTS, 1000):
        expect(viewer.summary).to_contain_text(f"Showing {loaded:,} of {BIG_EVENTS:,} events")
        viewer.scroll_to("list.scrollHeight")
    expect(viewer.summary).to_have_text(f"{BIG_EVENTS:,} events · 19 errors · 180 warnings")
    for place in ("list.scrollHeight", "list.scrollHeight / 2", "0", "list.scrollHeight"):
        viewer.scroll_to(place)
        expect(viewer.lines.nth(10)).to_be_in_viewport()
        assert viewer.lines.count() < MOST_ROWS
        assert viewer.page.locator("*").count() < 20 * MOST_ROWS
    expect(viewer.messages.last).to_have_text("Session created for warehouse")
    expect(viewer.messages.last).to_be_in_viewport()
    viewer.screenshot("ten-thousand-events")
