"""The head of the page: which session it is, and how it stands with it."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import Page, expect

from tests.support.rows import START, add_events, add_session, spread

from .viewer import Viewer

Writer = psycopg.Connection[Any]


def change(writer: Writer, session_id: UUID, **columns: Any) -> None:
    """Other values in a session's row."""
    for column, value in columns.items():
        writer.execute(f"update public.sessions set {column} = %s where id = %s", [value, session_id])  # noqa: S608


def icon(page: Page) -> str:
    """The address of the tab's icon."""
    found: str = page.evaluate("() => document.querySelector('link[rel=icon]').href")
    return found


@pytest.mark.parametrize(
    ("status", "words", "connection"),
    [
        ("pending", "pending", "Session pending · checks every 2 s"),
        ("in_progress", "in progress", "Live · every 2 s"),
        ("paused", "paused", "Session paused · checks every 2 s"),
        ("completed", "completed", "Session ended · checks every 30 s"),
        ("failed", "failed", "Session ended · checks every 30 s"),
        ("cancelled", "cancelled", "Session ended · checks every 30 s"),
        ("__proto__", "__proto__", "Live · every 2 s"),
    ],
)
def test_status(viewer: Viewer, writer: Writer, status: str, words: str, connection: str) -> None:
    """Each status should be told in words, in the tab too, and only a session that runs be live."""
    viewer.open(add_session(writer, status=status))
    expect(viewer.page.locator("#status")).to_have_text(re.compile(rf"^\S {words}$"))
    expect(viewer.connection).to_have_text(connection)
    assert re.fullmatch(rf"\S {words} · shop · unit_tests", viewer.page.title())
    assert icon(viewer.page).startswith("data:image/svg+xml,")


def test_changes(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """What becomes of the session should be shown when it happens, the tab's icon with it."""
    viewer.open(session_id)
    running = icon(viewer.page)
    change(writer, session_id, status="failed", completed_at=START + timedelta(seconds=125))
    expect(viewer.page.locator("#status")).to_have_text("✕ failed")
    expect(viewer.page.locator("#span")).to_have_text("took 2 min 05 s")
    assert icon(viewer.page) != running
    viewer.button("Stop updating").click()
    expect(viewer.connection).to_have_text("Not updating")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/srv/shop/", "shop"),
        ("C:\\work\\Läden", "Läden"),
        ("/", "/"),
        ("", ""),
        ("/a/<b>\u202e\n", "<b>‹U+202E› ↵ "),
        ("/srv/" + "x" * 300, "x" * 80 + "…"),
    ],
)
def test_project(viewer: Viewer, writer: Writer, session_id: UUID, path: str, name: str) -> None:
    """Of a project's path the last part should be shown, whatever characters it has, the whole when pointed at."""
    change(writer, session_id, project_path=path)
    viewer.open(session_id)
    project = viewer.page.locator("#project")
    assert project.text_content() == name
    assert (project.get_attribute("title") or "").startswith(path[:4])
    assert viewer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_span(viewer: Viewer, writer: Writer) -> None:
    """How long it takes should grow while it runs, and reach to its last event where nobody wrote its end."""
    running = add_session(writer)
    change(writer, running, created_at=datetime.now(UTC) - timedelta(seconds=107))
    viewer.open(running)
    expect(viewer.page.locator("#span")).to_have_text(re.compile(r"^running for 1 min 4\d s$"))
    expect(viewer.page.locator("#span")).to_have_text(re.compile(r"^running for 1 min 5\d s$"))
    ended = add_session(writer, status="completed")
    add_events(writer, ended, spread(4))
    viewer.open(ended)
    expect(viewer.page.locator("#span")).to_have_text("3.0 s to its last event")
