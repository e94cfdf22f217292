"""The page without a mouse."""

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


@pytest.fixture
def opened(viewer: Viewer, writer: Writer, session_id: UUID) -> Viewer:
    """A session of 60 events, opened with pages of 50."""
    add_events(writer, session_id, spread(60))
    viewer.open(session_id, "?limit=50")
    expect(viewer.messages.first).to_have_text("info 59")
    return viewer


def test_walk(opened: Viewer) -> None:
    """The keys should go from event to event, open one, copy its data and close it."""
    keyboard = opened.page.keyboard
    for key in ("j", "ArrowDown", "j", "k", "ArrowUp", "j"):
        keyboard.press(key)
    line = opened.line("info 58")
    expect(line).to_be_focused()
    keyboard.press("Enter")
    expect(line).to_have_attribute("aria-expanded", "true")
    keyboard.press("c")
    expect(opened.row("info 58")).to_have_attribute("data-said", "Copied")
    expect(opened.page.get_by_role("status")).to_have_text("Copied.")
    assert opened.page.evaluate("() => navigator.clipboard.readText()") == '{\n  "n": 58\n}'
    keyboard.press("Escape")
    expect(line).to_have_attribute("aria-expanded", "false")
    expect(line).to_be_focused()


def test_ends(opened: Viewer) -> None:
    """End and Home should go to the oldest event that is loaded and back to the newest, o should load more."""
    keyboard = opened.page.keyboard
    keyboard.press("End")
    expect(opened.summary).to_have_text("60 events")
    keyboard.press("End")
    expect(opened.line("info 0")).to_be_focused()
    expect(opened.line("info 0")).to_be_in_viewport()
    keyboard.press("Home")
    expect(opened.line("info 59")).to_be_in_viewport()
    expect(opened.events).to_be_focused()


def test_older(opened: Viewer) -> None:
    """The key o should load older events."""
    expect(opened.summary).to_have_text("Showing 50 of 60 events")
    opened.page.keyboard.press("o")
    expect(opened.summary).to_have_text("60 events")


def test_focus_is_kept(opened: Viewer, writer: Writer, session_id: UUID) -> None:
    """The event in the focus should keep it, in its place, when others come above it."""
    opened.page.keyboard.press("j")
    line = opened.line("info 59")
    before = opened.top_of(line)
    add_events(writer, session_id, spread(200, event_type="error", start=START + timedelta(hours=1)))
    expect(opened.new_events).to_have_text("↑ 200 new events")
    expect(line).to_be_focused()
    assert abs(opened.top_of(line) - before) <= 1
    opened.page.keyboard.press("k")
    expect(opened.line("error 0")).to_be_focused()


def test_focus_survives_scrolling(opened: Viewer) -> None:
    """The event in the focus should be in the document wherever the list is scrolled to."""
    opened.page.keyboard.press("j")
    opened.scroll_to("list.scrollHeight")
    expect(opened.line("info 20")).to_be_in_viewport()
    expect(opened.line("info 59")).to_be_focused()
    opened.page.keyboard.press("j")
    expect(opened.line("info 58")).to_be_in_viewport()


def test_page_keys(opened: Viewer) -> None:
    """Letters should stop and go on, change the times and go to the search; there they are text."""
    keyboard = opened.page.keyboard
    keyboard.press("p")
    expect(opened.connection).to_have_text("Not updating")
    keyboard.press("p")
    expect(opened.connection).to_have_text("Live · every 2 s")
    for time in ("15:30:59.000", "14:30:59.000", re.compile(r"^\d+ d ago$"), "15:30:59.000"):
        expect(opened.page.locator(".row .time").first).to_have_text(time)
        expect(opened.page.locator("#time-zone")).to_have_text("UTC" if time == "14:30:59.000" else "Europe/Paris")
        keyboard.press("t")
    keyboard.press("/")
    field = opened.page.get_by_label("Find in the events")
    expect(field).to_be_focused()
    keyboard.type("jp")
    expect(field).to_have_value("jp")
    expect(opened.connection).to_have_text("Live · every 2 s")
    keyboard.press("Escape")
    expect(field).to_have_value("")
    keyboard.press("Escape")
    expect(field).not_to_be_focused()


def test_help(opened: Viewer) -> None:
    """The key ? should list the keys; those of one letter can be switched off there, for good."""
    opened.page.keyboard.press("?")
    dialog = opened.page.get_by_role("dialog", name="Keys")
    expect(dialog).to_be_visible()
    opened.screenshot("keys")
    dialog.get_by_label("Use keys of one letter").uncheck()
    dialog.get_by_role("button", name="Close").click()
    opened.page.keyboard.press("p")
    opened.page.reload()
    expect(opened.lines.first).to_be_visible()
    opened.page.keyboard.press("p")
    opened.page.keyboard.press("ArrowDown")
    expect(opened.lines.first).to_be_focused()
    expect(opened.connection).to_have_text("Live · every 2 s")


def test_tab(opened: Viewer) -> None:
    """One press of Tab should skip to the events, and one more leave them, however many there are."""
    opened.page.keyboard.press("Tab")
    expect(opened.page.get_by_role("link", name="Skip to the events")).to_be_focused()
    opened.page.keyboard.press("Enter")
    opened.page.keyboard.press("ArrowDown")
    expect(opened.line("info 59")).to_be_focused()
    opened.page.keyboard.press("Tab")
    expect(opened.page.locator("#steps summary")).to_be_focused()


def test_open_text_keeps_its_keys(opened: Viewer, writer: Writer, session_id: UUID) -> None:
    """Keys should scroll an open text that has the focus, and leave the list where it is."""
    long = Event(message="\n".join(map(str, range(200))), timestamp=START + timedelta(hours=1))
    add_events(writer, session_id, [long])
    expect(opened.summary).to_have_text("Showing 51 of 61 events")
    opened.lines.first.click()
    opened.button("Show all 200 lines").click()
    text = opened.page.get_by_role("region", name="message", exact=True)
    text.focus()
    opened.page.keyboard.press("End")
    expect(text).to_be_focused()
    opened.page.wait_for_function("() => document.activeElement.scrollTop > 1000")
