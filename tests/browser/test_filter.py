"""Which events the page shows, and the address that says so."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import expect

from tests.support.rows import START, Event, add_events, spread

from .viewer import Viewer

Writer = psycopg.Connection[Any]
LATER = START + timedelta(hours=1)


@pytest.fixture
def mixed(writer: Writer, session_id: UUID) -> UUID:
    """A session with three infos and two errors."""
    add_events(writer, session_id, spread(3))
    add_events(writer, session_id, spread(2, event_type="error", start=LATER))
    return session_id


def test_seen_type(viewer: Viewer, writer: Writer, mixed: UUID) -> None:
    """A type that was seen should be a button that leaves only its events, those that come later too."""
    viewer.open(mixed)
    viewer.shows(["error 1", "error 0", "info 2", "info 1", "info 0"])
    viewer.button("error").click()
    viewer.shows(["error 1", "error 0"])
    expect(viewer.button("error")).to_have_attribute("aria-pressed", "true")
    expect(viewer.page).to_have_url(re.compile(r"\?event_type=error$"))
    add_events(
        writer,
        mixed,
        [
            Event(message="not this", timestamp=LATER + timedelta(hours=1)),
            Event(event_type="error", message="this", timestamp=LATER + timedelta(hours=1)),
        ],
    )
    viewer.shows(["this", "error 1", "error 0"])
    viewer.button("All types").click()
    expect(viewer.summary).to_have_text("7 events · 3 errors")
    expect(viewer.page).to_have_url(re.compile(rf"/sessions/{mixed}$"))


def test_typed_type(viewer: Viewer, mixed: UUID) -> None:
    """Any other type can be typed; where there is none of it the page should say so."""
    viewer.open(mixed)
    field = viewer.page.get_by_label("Another type")
    field.fill("info")
    field.press("Enter")
    viewer.shows(["info 2", "info 1", "info 0"])
    field.fill("deploy_started")
    field.press("Enter")
    expect(viewer.page.locator("#empty")).to_be_visible()
    expect(viewer.page.locator("#empty")).to_have_text(
        "No events of type deploy_started yet. They appear here as they are written."
    )


def test_refused_type(viewer: Viewer, mixed: UUID) -> None:
    """A type that the API refuses should be explained in its words, with a way out."""
    viewer.expects_status(400)
    viewer.open(mixed)
    field = viewer.page.get_by_label("Another type")
    field.fill("No Type!")
    field.press("Enter")
    expect(viewer.page.get_by_role("alert")).to_contain_text("event_type is 'No Type!'; it must be 1 to 100 lower-case")
    viewer.screenshot("refused")
    viewer.button("Show all events").click()
    expect(viewer.summary).to_have_text("5 events · 2 errors")
    expect(viewer.page.get_by_role("alert")).to_be_hidden()


def test_deep_link(viewer: Viewer, mixed: UUID) -> None:
    """An address with a filter and a page size should show just that, also after a reload."""
    viewer.open(mixed, "?event_type=info&limit=2")
    for _ in range(2):
        viewer.shows(["info 2", "info 1"])
        expect(viewer.summary).to_have_text("Showing 2 of 3 events")
        expect(viewer.button("info")).to_have_attribute("aria-pressed", "true")
        expect(viewer.page.get_by_label("Page size")).to_have_value("2")
        viewer.page.reload()


def test_page_size(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """Another page size should load that many events, and be kept in the address."""
    add_events(writer, session_id, spread(120))
    viewer.open(session_id)
    expect(viewer.summary).to_have_text("Showing 100 of 120 events")
    viewer.page.get_by_label("Page size").select_option("50")
    expect(viewer.summary).to_have_text("Showing 50 of 120 events")
    expect(viewer.page).to_have_url(re.compile(r"\?limit=50$"))


@pytest.mark.parametrize("limit", ["0", "ten"])
def test_refused_page_size(viewer: Viewer, mixed: UUID, limit: str) -> None:
    """A page size in the address that the API refuses should be explained, with a way out."""
    viewer.expects_status(400)
    viewer.open(mixed, f"?limit={limit}")
    expect(viewer.page.get_by_role("alert")).to_contain_text(f"limit is '{limit}'; it must be a whole number")
    viewer.button("Show all events").click()
    expect(viewer.summary).to_have_text("5 events · 2 errors")
