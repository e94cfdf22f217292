"""The first page."""

import re
from typing import Any
from uuid import UUID, uuid4

import psycopg
from playwright.sync_api import expect

from demo.directory import directory
from stack.proxy import proxy
from stack.whole import Stack
from tests.support.rows import add_session

from .conftest import Viewers
from .viewer import Viewer

NO_DEMO = 404
Writer = psycopg.Connection[Any]


def test_session_id_is_found_in_text(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """A pasted line with a session's id should open that session, which the page then remembers with how it stands."""
    viewer.expects_status(NO_DEMO)
    viewer.page.goto(viewer.url)
    viewer.page.get_by_label("Session id").fill(f"see http://127.0.0.1/sessions/{str(session_id).upper()}?limit=5 !")
    viewer.page.keyboard.press("Enter")
    expect(viewer.page).to_have_url(f"{viewer.url}/sessions/{session_id}")
    expect(viewer.connection).to_have_text("Live · every 2 s")
    viewer.page.get_by_role("link", name="Session events").click()
    link = viewer.page.get_by_role("link", name="unit_tests · shop")
    expect(link).to_contain_text("in progress")
    writer.execute("update public.sessions set status = 'failed' where id = %s", [session_id])
    viewer.page.reload()
    expect(link).to_contain_text("failed")
    writer.execute("delete from public.sessions where id = %s", [session_id])
    viewer.page.reload()
    expect(link).to_contain_text("deleted")
    link.click()
    expect(viewer.page).to_have_url(f"{viewer.url}/sessions/{session_id}")
    viewer.page.go_back()
    viewer.button("Forget these").click()
    viewer.page.reload()
    expect(viewer.page.get_by_role("heading", name="Where do I find an id?")).to_be_visible()
    expect(link).to_have_count(0)


def test_text_without_id_is_refused(viewer: Viewer) -> None:
    """A text without an id should stay in the field, with what an id looks like below it."""
    viewer.expects_status(NO_DEMO)
    viewer.page.goto(viewer.url)
    field = viewer.page.get_by_label("Session id")
    field.fill("my session")
    viewer.button("Open").click()
    expect(viewer.page.get_by_role("alert")).to_contain_text("There is no session id in this text.")
    expect(field).to_be_focused()
    expect(field).to_have_value("my session")


def test_sessions_of_the_demo(viewer: Viewer, writer: Writer) -> None:
    """What the demo names should be linked, live ones first; what an older page has kept should break nothing."""
    viewer.expects_status(NO_DEMO)
    ended, live, gone = add_session(writer, status="completed"), add_session(writer), uuid4()
    viewer.page.goto(viewer.url)
    viewer.page.evaluate("id => localStorage.setItem('session-events.recent', id)", str(ended))
    with directory(writer) as listed:
        for title, session_id in (("one that runs", live), ("<b>over</b>", ended), ("gone", gone)):
            listed.add(title, session_id)
        viewer.page.reload()
        links = viewer.page.locator("#demo-list").get_by_role("link")
        expect(links.first).to_have_text(re.compile(r"^one that runs.*in progress"))
        expect(links).to_have_count(3)
        expect(links.filter(has_text="<b>over</b>")).to_contain_text("completed")
        links.first.click()
        expect(viewer.page).to_have_url(f"{viewer.url}/sessions/{live}")


def test_with_a_key(viewers: Viewers, running_stack: Stack) -> None:
    """Where keys are asked for, the page should say where to give one."""
    with proxy(running_stack.postgrest_url, env={"API_KEYS": "a-key"}) as front:
        viewer = viewers(url=front.url)
        viewer.expects_status(401)
        viewer.page.goto(viewer.url)
        expect(viewer.page.locator("#locked")).to_contain_text("This server asks for an API key")


def test_theme(viewer: Viewer, session_id: UUID) -> None:
    """The theme that was chosen should hold on every page, the documentation too, and lead back from there."""
    viewer.expects_status(NO_DEMO)
    viewer.page.goto(viewer.url)
    background = "() => getComputedStyle(document.body).backgroundColor"
    light = viewer.page.evaluate(background)
    viewer.page.get_by_label("Theme").select_option("dark")
    dark = viewer.page.evaluate(background)
    assert dark != light
    viewer.open(session_id)
    assert viewer.page.evaluate(background) == dark
    viewer.page.get_by_role("link", name="API").click()
    expect(viewer.page.locator("html")).to_have_class("dark-mode")
    expect(viewer.page.locator("#contents a").first).to_be_visible()
    viewer.page.get_by_label("Theme").select_option("light")
    expect(viewer.page.locator("html")).not_to_have_class("dark-mode")
    viewer.page.get_by_role("link", name="Session events").click()
    expect(viewer.page.get_by_label("Theme")).to_have_value("light")
    assert viewer.page.evaluate(background) == light
