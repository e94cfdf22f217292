"""Which events the page shows, and the address that says so."""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import expect

from demo.samples import BIG_EVENTS, SAMPLES, fill
from tests.support.rows import START, Event, add_events, add_step, spread

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
    expect(viewer.chips).to_have_text(["All types 5", "error 2", "warning 0", "info 3"])
    viewer.chip("error").click()
    viewer.shows(["error 1", "error 0"])
    expect(viewer.chip("error")).to_have_attribute("aria-pressed", "true")
    expect(viewer.page).to_have_url(re.compile(r"\?event_type=error$"))
    expect(viewer.summary).to_have_text("2 of 5 events")
    add_events(
        writer,
        mixed,
        [
            Event(message="not this", timestamp=LATER + timedelta(hours=1)),
            Event(event_type="error", message="this", timestamp=LATER + timedelta(hours=1)),
        ],
    )
    viewer.shows(["this", "error 1", "error 0"])
    expect(viewer.chips).to_have_text(["All types 7", "error 3", "warning 0", "info 4"])
    viewer.chip("All types").click()
    expect(viewer.summary).to_have_text("7 events · 3 errors")
    expect(viewer.page).to_have_url(re.compile(rf"/sessions/{mixed}$"))


def test_back(viewer: Viewer, mixed: UUID) -> None:
    """The browser's ways back and forward should undo and redo filters, and leave the page only before the first."""
    viewer.open(mixed)
    viewer.chip("error").click()
    viewer.shows(["error 1", "error 0"])
    viewer.chip("info").click()
    viewer.shows(["error 1", "error 0", "info 2", "info 1", "info 0"])
    viewer.page.go_back()
    viewer.shows(["error 1", "error 0"])
    expect(viewer.chip("info")).to_have_attribute("aria-pressed", "false")
    viewer.page.go_back()
    expect(viewer.chip("All types")).to_have_attribute("aria-pressed", "true")
    expect(viewer.summary).to_have_text("5 events · 2 errors")
    viewer.page.go_forward()
    viewer.shows(["error 1", "error 0"])


def test_past_of_several_types(viewer: Viewer, writer: Writer) -> None:
    """Of types whose past is not loaded just that should be loaded, and no number be wrong on the way."""
    fill(writer)
    viewer.open(SAMPLES["big"].id)
    expect(viewer.chips).to_have_text(["All types 10,000", "error 19", "warning 180", "info 9,797", "step_completed 1"])
    viewer.chip("error").click()
    expect(viewer.summary).to_have_text(f"19 of {BIG_EVENTS:,} events")
    expect(viewer.messages).to_have_count(19)
    viewer.chip("warning").click()
    expect(viewer.summary).to_have_text(f"199 of {BIG_EVENTS:,} events")
    expect(viewer.messages.first).to_have_text(re.compile(r"^SLOW .*\.case9949$"))
    expect(viewer.page).to_have_url(re.compile(r"\?event_type=error&event_type=warning$"))
    viewer.page.reload()
    expect(viewer.summary).to_have_text(f"199 of {BIG_EVENTS:,} events")
    viewer.chip("info").click()
    expect(viewer.summary).to_have_text(re.compile(r"^Showing 1,\d{3} of 9,996 chosen events$"))
    viewer.scroll_to("list.scrollHeight")
    # How far down the list a slow browser still is when a page has come is its own affair.
    expect(viewer.summary).to_have_text(re.compile(r"^Showing [2-9],\d{3} of 9,996 chosen events$"))
    viewer.button("Load all").click()
    expect(viewer.summary).to_have_text(f"9,996 of {BIG_EVENTS:,} events")


def test_event_that_is_looked_at(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """Whoever looks at one event of a filtered list should see what was around it once all are shown again."""
    add_events(writer, session_id, spread(200))
    add_events(
        writer, session_id, [Event(event_type="error", message="look", timestamp=START + timedelta(seconds=100))]
    )
    viewer.open(session_id, "?event_type=error")
    viewer.shows(["look"])
    viewer.line("look").click()
    viewer.chip("All types").click()
    expect(viewer.line("look")).to_have_attribute("aria-expanded", "true")
    for message in ("look", "info 102", "info 99"):
        expect(viewer.line(message)).to_be_in_viewport()


def test_count_that_grows(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """A number that may have grown since the server told it should say so, and be told again."""
    add_events(writer, session_id, spread(60))
    viewer.page.clock.install()
    viewer.open(session_id, "?limit=50")
    expect(viewer.chip("info")).to_have_text("info 60")
    add_events(writer, session_id, spread(5, start=LATER))
    viewer.page.clock.run_for(3000)
    expect(viewer.chip("info")).to_have_text("info 60+")
    expect(viewer.chip("All types")).to_have_text("All types 65")
    viewer.page.clock.run_for(12_000)
    expect(viewer.chip("info")).to_have_text("info 65")


def test_many_types(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """All types of a session should be in a menu with their numbers, which can be narrowed; and take one not seen."""
    add_events(
        writer, session_id, [Event(event_type=f"kind_{number:02}", message=str(number)) for number in range(100)]
    )
    add_events(writer, session_id, [Event(event_type="Kind & Co", message="strange", timestamp=LATER)])
    viewer.open(session_id)
    expect(viewer.chips).to_have_count(5)
    menu = viewer.page.locator("#type-menu")
    menu.locator("summary").click()
    boxes = viewer.page.locator("#type-list li:visible")
    expect(boxes).to_have_count(103)
    field = viewer.page.get_by_label("Another type")
    expect(field).to_be_focused()
    field.fill("kind_9")
    expect(boxes).to_have_count(10)
    viewer.page.get_by_label("kind_95 1").check()
    field.fill("Kind & Co")
    field.press("Enter")
    viewer.shows(["strange", "95"])
    field.fill("deploy_started")
    field.press("Enter")
    expect(viewer.chip("deploy_started")).to_have_text("deploy_started 0")
    viewer.page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    viewer.chip("All types").click()
    viewer.page.goto(f"{viewer.url}/sessions/{session_id}?event_type=deploy_started")
    expect(viewer.page.locator("#empty")).to_have_text("No such events yet. They appear here as they are written.")


def test_refused_type(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """A type that the API refuses should be explained in its words, where it has to be asked for."""
    add_events(writer, session_id, spread(3))
    viewer.expects_status(400)
    viewer.open(session_id, "?limit=2&event_type=No+Type!")
    older = viewer.page.locator(".row.older")
    expect(older).to_contain_text("event_type is 'No Type!'; it must be 1 to 100 lower-case")
    viewer.chip("All types").click()
    expect(viewer.summary).to_have_text("Showing 2 of 3 events")


def test_step(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """A click on a step should load and show its events, another one all; by the address too."""
    step = add_step(writer, session_id)
    add_events(writer, session_id, spread(5))
    times = [START + timedelta(minutes=1, seconds=number) for number in range(3)]
    types = ("step_started", "info", "step_completed")
    of_step = [
        Event(event_type=type_, message=f"of it {time:%S}", step_id=step, timestamp=time)
        for type_, time in zip(types, times, strict=True)
    ]
    add_events(writer, session_id, of_step)
    add_events(writer, session_id, spread(60, start=LATER))
    viewer.open(session_id, "?limit=50")
    item = viewer.page.locator(".step-item button")
    expect(item).to_contain_text("of it 00")
    item.click()
    viewer.shows(["of it 02", "of it 01", "of it 00"])
    expect(viewer.summary).to_have_text("3 events of this step")
    expect(item).to_have_attribute("aria-pressed", "true")
    expect(viewer.page).to_have_url(re.compile(rf"step={step}"))
    viewer.page.reload()
    viewer.shows(["of it 02", "of it 01", "of it 00"])
    viewer.button("Step: of it 00 ✕").click()
    expect(viewer.summary).to_have_text("68 events")
    viewer.page.go_back()
    viewer.shows(["of it 02", "of it 01", "of it 00"])


def test_unknown_parameters(viewer: Viewer, mixed: UUID) -> None:
    """Parameters of the address that mean nothing to the page should be named, the rest done."""
    viewer.open(mixed, "?since=2026-01-01&event_type=error&%3Cb%3E=1")
    viewer.shows(["error 1", "error 0"])
    expect(viewer.note).to_contain_text("This page does not know, and ignores, of its address: since, <b>.")


def test_deep_link(viewer: Viewer, mixed: UUID) -> None:
    """An address with a filter and a page size should show just that, also after a reload."""
    viewer.open(mixed, "?event_type=info&limit=2")
    for _ in range(2):
        viewer.shows(["info 2", "info 1"])
        expect(viewer.summary).to_have_text("Showing 2 of 3 chosen events")
        expect(viewer.chip("info")).to_have_attribute("aria-pressed", "true")
        expect(viewer.page.locator("#limit")).to_have_value("2")
        viewer.page.reload()


def test_page_size(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """Another page size should load that many events, and be kept in the address."""
    add_events(writer, session_id, spread(120))
    viewer.open(session_id)
    expect(viewer.summary).to_have_text("120 events")
    viewer.open_options()
    viewer.page.get_by_label("Events loaded at a time").select_option("50")
    expect(viewer.summary).to_have_text("Showing 50 of 120 events")
    expect(viewer.page).to_have_url(re.compile(r"\?limit=50$"))


@pytest.mark.parametrize("limit", ["0", "ten"])
def test_refused_page_size(viewer: Viewer, mixed: UUID, limit: str) -> None:
    """A page size in the address that the API refuses should be explained, with a way out."""
    viewer.expects_status(400)
    viewer.open(mixed, f"?limit={limit}")
    expect(viewer.alert).to_contain_text(f"limit is '{limit}'; it must be a whole number")
    expect(viewer.page.locator("#no-steps")).to_be_hidden()
    viewer.button("Show all events").click()
    expect(viewer.summary).to_have_text("5 events · 2 errors")
