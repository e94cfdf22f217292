"""One event, opened."""

import json
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from playwright.sync_api import expect

from tests.support.rows import START, Event, add_events, add_step, spread

from .viewer import Viewer

Writer = psycopg.Connection[Any]
TRACE = "Error: all is lost\n" + "\n".join(f"\tat somewhere.deep({number})" for number in range(60))


def test_texts_are_shown_once(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """A stack trace should be shown once, readable, before the rest of event_data, and folded where it is long."""
    step = add_step(writer, session_id)
    data = {"code": 7, "__proto__": {"a": 1}, "stack_trace": TRACE, "mark": "\ue000"}
    begin = Event(event_type="step_started", message="Analyse the project", step_id=step)
    error = Event(
        event_type="error",
        message="lost",
        event_data=json.dumps(data),
        step_id=step,
        timestamp=START + timedelta(hours=1),
    )
    add_events(writer, session_id, [begin, error])
    viewer.open(session_id)
    row = viewer.row("lost")
    expect(row.locator(".step")).to_have_text("Analyse the project")
    row.locator(".line").click()
    expect(row.locator(".facts")).to_contain_text(f"Analyse the project ({str(step)[:8]})")
    assert row.get_by_role("heading").all_inner_texts() == ["event_data.stack_trace", "event_data"]
    rest = row.get_by_role("region", name="event_data", exact=True)
    assert rest.inner_text().count("somewhere") == 0
    assert "‹shown above: 61 lines›" in rest.inner_text()
    assert '"__proto__": {\n    "a": 1\n  }' in rest.inner_text()
    trace = row.get_by_role("region", name="event_data.stack_trace")
    assert trace.inner_text().count("\n") == 19
    row.get_by_role("button", name="Show all 61 lines").click()
    assert trace.inner_text() == TRACE
    row.get_by_role("button", name="Show less").click()
    assert trace.inner_text().count("\n") == 19
    row.get_by_role("button", name="Copy data").click()
    expect(viewer.button("Copied")).to_be_visible()
    assert json.loads(viewer.page.evaluate("() => navigator.clipboard.readText()")) == data


def test_wrap(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """Long lines should be wrapped, or scroll, as was chosen last."""
    add_events(writer, session_id, [Event(message="a very long line " * 40)])
    viewer.open(session_id)
    viewer.lines.click()
    text = viewer.page.get_by_role("region", name="message")
    wide = "element => element.scrollWidth > element.clientWidth"
    assert not text.evaluate(wide)
    viewer.button("Wrap lines").click()
    assert text.evaluate(wide)
    viewer.page.reload()
    expect(text).to_be_visible()  # since the address names the event
    assert text.evaluate(wide)
    viewer.open_options()
    expect(viewer.page.get_by_label("Wrap lines of open events")).not_to_be_checked()
    viewer.page.get_by_label("Wrap lines of open events").check()
    expect(viewer.page.locator("body")).to_have_class("app wraps")


def test_gaps(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """The time to the event before should stand beside each event, and a pause stand out."""
    add_events(writer, session_id, spread(10))
    add_events(writer, session_id, [Event(message="at last", timestamp=START + timedelta(minutes=3))])
    viewer.open(session_id)
    gaps = viewer.page.locator(".row .gap")
    expect(gaps).to_have_text(["+2 min 51 s", *["+1.0 s"] * 9, ""])
    expect(viewer.page.locator(".row.after-pause .message")).to_have_text("at last")


def test_clock_of_the_reader(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """Where the reader's clock is wrong, how long ago something happened should be told by the server's clock."""
    writer.execute("update public.sessions set created_at = now() where id = %s", [session_id])
    writer.execute(
        "insert into public.events (id, session_id, event_type, event_data, message, timestamp)"
        " values (gen_random_uuid(), %s, 'info', '{}', 'just now', now())",
        [session_id],
    )
    viewer.page.clock.install(time=START - timedelta(days=400))
    viewer.open(session_id)
    expect(viewer.page.locator(".row .time")).to_have_text(re.compile(r"^(now|\d s ago)$"))
    expect(viewer.page.locator("#span")).to_have_text(re.compile(r"^running for \d"))


def test_downloads(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """What is shown should be had as a file: as lines of JSON, digit by digit, or as text; oldest first."""
    exact = Event(message="exact", event_data='{"n": 1.000}', timestamp=START + timedelta(hours=1))
    lines = Event(event_type="error", message="two\nlines", timestamp=START + timedelta(hours=2))
    add_events(writer, session_id, [*spread(2, event_type="warning"), exact, lines])
    viewer.open(session_id)
    viewer.chip("info").click()
    viewer.chip("error").click()
    viewer.shows(["two ↵ lines", "exact"])
    with viewer.page.expect_download() as ndjson:
        viewer.button("NDJSON").click()
    text = ndjson.value.path().read_text(encoding="utf-8")
    assert ndjson.value.suggested_filename == f"session-{session_id}.ndjson"
    assert [json.loads(line)["id"] for line in text.splitlines()] == [str(exact.id), str(lines.id)]
    assert '"event_data":{"n": 1.000}' in text
    with viewer.page.expect_download() as log:
        viewer.button("text").click()
    assert log.value.path().read_text(encoding="utf-8") == (
        '2026-01-13T15:30:00.000000Z\tinfo\texact\t{"n": 1.000}\n2026-01-13T16:30:00.000000Z\terror\ttwo\n\tlines\n'
    )
