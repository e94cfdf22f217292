"""A text, an error or an event of which only the id is known, in a session of any length."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from playwright.sync_api import Route, expect

from demo.samples import BIG_EVENTS, SAMPLES, fill
from tests.support.rows import START, Event, add_events, spread

from .viewer import Viewer

Writer = psycopg.Connection[Any]


@pytest.fixture
def big(writer: Writer) -> UUID:
    """A session of 10,000 events, of which the page loads 1,000."""
    fill(writer)
    return SAMPLES["big"].id


@pytest.fixture
def slow(viewer: Viewer) -> Iterator[list[Route]]:
    """Pages of a walk wait in this list until the test lets them go."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    viewer.page.route(re.compile(r"[?&]next="), hold)
    yield held
    viewer.page.unroute(re.compile(r"[?&]next="))


def test_hits(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """Hits in message, type and event_data should be counted and marked, and be gone to in both directions."""
    events = spread(300)
    events[7] = Event(message="Needle <b>one</b>", timestamp=events[7].timestamp)
    events[150] = Event(event_type="needle_case", message="in the type", timestamp=events[150].timestamp)
    events[290] = Event(message="in data", event_data={"a": 'a "needle"'}, timestamp=events[290].timestamp)
    add_events(writer, session_id, events)
    viewer.open(session_id)
    field = viewer.page.get_by_label("Find in the events")
    viewer.page.keyboard.press("Control+f")
    expect(field).to_be_focused()
    field.fill("NEEDLE")
    hits = viewer.page.locator("#hits")
    expect(hits).to_have_text("3 found")
    for key, place, message in (
        ("Enter", "1 of 3", "in data"),
        ("Enter", "2 of 3", "in the type"),
        ("F3", "3 of 3", "Needle <b>one</b>"),
        ("Enter", "1 of 3", "in data"),
        ("Shift+Enter", "3 of 3", "Needle <b>one</b>"),
    ):
        viewer.page.keyboard.press(key)
        expect(hits).to_have_text(place)
        expect(viewer.line(message)).to_be_in_viewport(ratio=1)
        expect(field).to_be_focused()
    expect(viewer.row("Needle <b>one</b>").locator("mark")).to_have_text("Needle")
    viewer.button("Next hit").click()
    row = viewer.row("in data")
    expect(row.locator(".elsewhere")).to_have_text("in event_data")
    row.locator(".line").click()
    expect(row.get_by_role("region").locator("mark")).to_have_text("needle")
    field.fill('"needle"')
    expect(hits).to_have_text("1 found")
    field.press("Escape")
    expect(field).to_have_value("")
    expect(hits).to_be_hidden()
    expect(viewer.page.locator("mark")).to_have_count(0)


def test_while_events_arrive(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """Hits among new events should be counted as they come, and what is looked at keep its place on the screen."""
    add_events(writer, session_id, spread(100))
    viewer.open(session_id)
    field = viewer.page.get_by_label("Find in the events")
    field.fill("info 5")
    expect(viewer.page.locator("#hits")).to_have_text("11 found")
    field.press("Enter")
    before = viewer.top_of(viewer.line("info 59"))
    add_events(writer, session_id, spread(60, start=START + timedelta(hours=1)))
    expect(viewer.page.locator("#hits")).to_have_text("12 of 22")
    assert abs(viewer.top_of(viewer.line("info 59").last) - before) <= 1


def test_load_all(viewer: Viewer, big: UUID) -> None:
    """A search should say what it has not seen, load that on demand, and then have found everything."""
    viewer.open(big)
    viewer.page.get_by_label("Find in the events").fill("case123")
    expect(viewer.page.locator("#hits")).to_have_text("none in 1,000 loaded")
    viewer.button("Search all").click()
    expect(viewer.page.locator("#hits")).to_have_text("11 found")
    expect(viewer.summary).to_have_text(f"{BIG_EVENTS:,} events · 19 errors · 180 warnings")
    expect(viewer.page.locator("#progress")).to_be_hidden()
    expect(viewer.button("Search all")).to_be_hidden()


def test_load_all_is_stopped(viewer: Viewer, big: UUID, slow: list[Route]) -> None:
    """Loading everything should tell how far it is, and end where somebody stops it."""
    viewer.open(big)
    viewer.button("Load all").click()
    progress = viewer.page.locator("#progress")
    expect(progress).to_contain_text("Loading all events: 1,000 of 10,000 looked at")
    slow.pop().continue_()
    expect(progress).to_contain_text("Loading all events: 2,000 of 10,000 looked at")
    viewer.button("Stop").click()
    expect(progress).to_be_hidden()
    slow.pop().continue_()
    expect(viewer.summary).to_have_text("Showing 3,000 of 10,000 events")
    assert slow == []


def test_load_all_fails(viewer: Viewer, big: UUID, slow: list[Route]) -> None:
    """Loading everything that is refused should say why, and go on when told to."""
    viewer.expects_status(503)
    viewer.open(big)
    viewer.button("Load all").click()
    expect(viewer.page.locator("#progress")).to_be_visible()
    problem = {"type": "/docs#problem-overloaded", "title": "Overloaded", "status": 503, "detail": "Too much."}
    slow.pop().fulfill(status=503, content_type="application/problem+json", body=json.dumps(problem))
    expect(viewer.note).to_contain_text("Loading has ended: Too much.")
    viewer.page.unroute(re.compile(r"[?&]next="))
    viewer.note.get_by_role("button", name="Go on").click()
    expect(viewer.summary).to_contain_text(f"{BIG_EVENTS:,} events ·")
    expect(viewer.note).to_have_count(0)


def test_errors(viewer: Viewer, big: UUID) -> None:
    """The next error should be gone to wherever it is, those that are not loaded too, and round the end."""
    viewer.open(big)
    for number in (9499, 8999, 8499):
        viewer.button("Next error").click()
        message = viewer.page.locator(".row.active .message")
        expect(message).to_have_text(re.compile(rf"FAILED .*\.case{number}$"))
        expect(message).to_be_in_viewport()
    viewer.page.keyboard.press("Shift+E")
    expect(message).to_have_text(re.compile(r"\.case8999$"))
    viewer.page.keyboard.press("Shift+E")
    expect(message).to_have_text(re.compile(r"\.case9499$"))
    viewer.button("First").click()
    expect(viewer.line("Session created for warehouse")).to_be_in_viewport()
    viewer.button("Newest").click()
    expect(viewer.line("Test generation completed")).to_be_in_viewport()


def test_no_error(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """Where there is no error, that should be said."""
    add_events(writer, session_id, spread(3))
    viewer.open(session_id)
    viewer.button("Next error").click()
    expect(viewer.note).to_contain_text("There is no error among the 3 events that are shown.")
    viewer.note.get_by_role("button", name="Close this note").click()
    expect(viewer.note).to_have_count(0)


def test_linked_event(viewer: Viewer, writer: Writer, big: UUID) -> None:
    """An address that names an event should open it, however far in the past; opening another changes the address."""
    row = writer.execute(
        "select id::text from public.events where session_id = %s and message like '%%.case4321'", [big]
    ).fetchone()
    assert row is not None
    viewer.open(big, f"#event={row[0]}")
    line = viewer.page.locator(f".row[data-id='{row[0]}'] .line")
    expect(line).to_be_in_viewport(ratio=1)
    expect(line).to_have_attribute("aria-expanded", "true")
    other = viewer.page.locator(".row", has_text=".case4320")
    other.locator(".line").click()
    expect(viewer.page).to_have_url(re.compile(f"#event={other.get_attribute('data-id')}$"))
    other.get_by_role("button", name="Copy link").click()
    expect(viewer.button("Copied")).to_be_visible()
    assert viewer.page.evaluate("() => navigator.clipboard.readText()") == viewer.page.url
    other.locator(".line").click()
    expect(viewer.page).to_have_url(re.compile(f"/sessions/{big}$"))


def test_linked_event_that_is_not_there(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """An event of another session, or one that the filter leaves out, should be said to be that."""
    events = spread(3)
    add_events(writer, session_id, events)
    viewer.open(session_id, f"#event={uuid4()}")
    expect(viewer.note).to_contain_text("This session has no event with the id that the address names.")
    viewer.open(session_id, f"?event_type=error#event={events[1].id}")
    expect(viewer.note).to_contain_text("The linked event is not among those that the filter leaves.")
    viewer.note.get_by_role("button", name="Look in all events").click()
    expect(viewer.line("info 1")).to_have_attribute("aria-expanded", "true")
    expect(viewer.note).to_have_count(0)
