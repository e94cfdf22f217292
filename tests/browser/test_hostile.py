"""Whatever the database can hold, shown as what it is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import expect

from tests.support.rows import START, Event, add_events

from .viewer import Viewer

Writer = psycopg.Connection[Any]
Show = Callable[[Event], None]
MARKUP = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">&amp;"


@pytest.fixture
def show(viewer: Viewer, writer: Writer, session_id: UUID) -> Show:
    """Writes an event and opens it on the page."""

    def show(event: Event) -> None:
        add_events(writer, session_id, [event])
        viewer.open(session_id)
        viewer.lines.click()

    return show


def _text(viewer: Viewer, name: str) -> str:
    """A text in the open event, as a person can read it."""
    return viewer.page.get_by_role("region", name=name, exact=True).inner_text()


def test_markup(viewer: Viewer, show: Show) -> None:
    """Markup in a type, a message, a key and a value should be text, and run nothing."""
    show(Event(event_type=MARKUP[:100], message=MARKUP, event_data={MARKUP: MARKUP, "lines": f"one\n{MARKUP}"}))
    expect(viewer.messages).to_have_text(MARKUP)
    expect(viewer.page.locator(".row .type-name")).to_have_text(MARKUP[:100])
    assert MARKUP in _text(viewer, "message")
    assert MARKUP in _text(viewer, "event_data.lines")
    assert "<script>document.title='taken'</script>" in _text(viewer, "event_data")
    viewer.screenshot("markup")
    assert "taken" not in viewer.page.title()


@pytest.mark.parametrize(
    "number", [str(2**63), "1" + "0" * 400, "0.1000", "-0.30000000000000004", "12345678901234567890.123456789"]
)
def test_number(viewer: Viewer, show: Show, number: str) -> None:
    """A number that JavaScript would round should be shown, and copied, with every digit that the database has."""
    show(Event(event_data=f'{{"n": {number}, "text": "\\" {{[,"}}'))
    expected = f'{{\n  "n": {number},\n  "text": "\\" {{[,"\n}}'
    assert _text(viewer, "event_data") == expected
    viewer.button("Copy data").click()
    expect(viewer.button("Copied")).to_be_visible()
    assert viewer.page.evaluate("() => navigator.clipboard.readText()") == expected


def test_whole_event_is_copied(viewer: Viewer, show: Show, session_id: UUID) -> None:
    """The copy of an event should be the JSON that the API gave, digit by digit."""
    event = Event(event_data=f'{{"n": {2**63}}}', message="one\ntwo")
    show(event)
    viewer.button("Copy event").click()
    expect(viewer.button("Copied")).to_be_visible()
    copied = viewer.page.evaluate("() => navigator.clipboard.readText()")
    assert f'"n": {2**63}\n' in copied
    assert f'"id": "{event.id}"' in copied
    assert f'"session_id": "{session_id}"' in copied
    assert '"message": "one\\ntwo"' in copied


def test_control_characters(viewer: Viewer, show: Show) -> None:
    """Characters that hide, ring, colour or reorder should be visible as what they are."""
    show(Event(message="bell\x07 \x1b[31mred\x7f \u202eevil\u2066 nul\u200b\ufeff\ttab\nnext 👩\u200d💻"))
    shown = "bell‹BEL› ‹ESC›[31mred‹U+007F› ‹U+202E›evil‹U+2066› nul‹U+200B›‹U+FEFF›"
    expect(viewer.messages).to_have_text(f"{shown} tab ↵ next 👩\u200d💻")
    assert _text(viewer, "message") == f"{shown}\ttab\nnext 👩\u200d💻"
    viewer.screenshot("control-characters")


def test_long_line(viewer: Viewer, show: Show) -> None:
    """A message of a megabyte should be one line, begun when opened, and whole on demand."""
    show(Event(message="x" * 1_000_000 + "!", event_data={"long": "y" * 1_000_000}))
    assert len(viewer.messages.inner_text()) < 500
    assert viewer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert len(_text(viewer, "message")) < 100_000
    viewer.screenshot("long-line")
    viewer.button("Show all 1.0 MB").first.click()
    assert _text(viewer, "message").endswith("x!")


def test_deep_data(viewer: Viewer, show: Show) -> None:
    """event_data that is nested thousands of levels deep should open like any other."""
    depth = 3000
    show(Event(event_data="[" * depth + "]" * depth))
    viewer.button(f"Show all {2 * depth - 1:,} lines").click()
    assert _text(viewer, "event_data").count("[") == depth
    viewer.button("Copy data").click()
    expect(viewer.button("Copied")).to_be_visible()
    copied: str = viewer.page.evaluate("() => navigator.clipboard.readText()")
    assert "".join(copied.split()) == "[" * depth + "]" * depth
    assert len(copied) < 1_000_000


@pytest.mark.parametrize("data", ["null", '"text\\nof two lines"', "[1, 2]", "3.0", "true"])
def test_data_that_is_no_object(viewer: Viewer, show: Show, data: str) -> None:
    """event_data may be any JSON, also where the page looks into it for a step."""
    show(Event(event_type="info", event_data=data))
    assert _text(viewer, "event_data").split() == data.replace("[", "[ ").replace("]", " ]").split()


def test_step_with_strange_data(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """A step whose events hold nothing that can be read should still be a step."""
    row = writer.execute(
        "insert into public.steps (id, session_id, code, name, status, sequence, inputs, retry_count, created_at)"
        " values (gen_random_uuid(), %s, 'x', 'x', 'failed', 1, '{}', 0, now()) returning id",
        [session_id],
    ).fetchone()
    assert row is not None
    started, ended = START, START + timedelta(seconds=3)
    add_events(
        writer,
        session_id,
        [
            Event(event_type=event_type, event_data=data, message=None, step_id=row[0], timestamp=time)
            for event_type, data, time in (
                ("step_started", "null", started),
                ("step_completed", '{"status": 7}', ended),
            )
        ],
    )
    viewer.open(session_id)
    expect(viewer.page.locator(".step-item")).to_contain_text(f"Step {str(row[0])[:8]}")
    expect(viewer.page.locator(".step-item")).to_contain_text("3.0 s")


def test_times_beyond_clocks(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """Timestamps that no clock shows should be written as the API gives them, in the API's order."""
    times = {
        "infinity": "infinity",
        "200000-01-01Z": "+200000-01-01T00:00:00.000000Z",
        "2026-01-13 14:30:00.000001Z": "15:30:00.000",
        "0003-01-01Z BC": "-000002-01-01T00:00:00.000000Z",
        "-infinity": "-infinity",
    }
    add_events(writer, session_id, [Event(timestamp=time, message=time) for time in times])
    viewer.open(session_id)
    viewer.shows(list(times))
    expect(viewer.page.locator(".row .time")).to_have_text(list(times.values()))
    viewer.lines.nth(2).click()
    expect(viewer.page.locator(".details .facts")).to_contain_text("2026-01-13T14:30:00.000001Z")
