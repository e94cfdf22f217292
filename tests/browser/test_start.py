"""The first page."""

import re
from typing import Any
from uuid import UUID

import psycopg
from playwright.sync_api import expect

from demo.samples import SAMPLES
from tests.support.rows import add_session

from .viewer import Viewer

UNKNOWN_SAMPLES = 404


def test_session_id_is_found_in_text(viewer: Viewer, session_id: UUID) -> None:
    """A pasted line with a session's id in it should open that session, which the first page then remembers."""
    viewer.expects_status(UNKNOWN_SAMPLES)
    viewer.page.goto(viewer.url)
    viewer.page.get_by_label("Session id").fill(f"see http://127.0.0.1/sessions/{str(session_id).upper()}?limit=5 !")
    viewer.page.keyboard.press("Enter")
    expect(viewer.page).to_have_url(f"{viewer.url}/sessions/{session_id}")
    expect(viewer.connection).to_have_text("Live · every 2 s")
    expect(viewer.page.locator("#empty")).to_be_visible()
    expect(viewer.page.locator("#empty")).to_have_text("No events yet. They appear here as they are written.")
    viewer.page.get_by_role("link", name="Session events").click()
    viewer.page.get_by_role("link", name=str(session_id)).click()
    expect(viewer.page).to_have_url(f"{viewer.url}/sessions/{session_id}")


def test_text_without_id_is_refused(viewer: Viewer) -> None:
    """A text without an id should stay in the field, with what an id looks like below it."""
    viewer.expects_status(UNKNOWN_SAMPLES)
    viewer.page.goto(viewer.url)
    field = viewer.page.get_by_label("Session id")
    field.fill("my session")
    viewer.button("Open").click()
    expect(viewer.page.get_by_role("alert")).to_contain_text("There is no session id in this text.")
    expect(field).to_be_focused()
    expect(field).to_have_value("my session")


def test_samples_are_those_of_the_demo(viewer: Viewer) -> None:
    """The page should know each sample session of the recorder, and no other one."""
    viewer.expects_status(UNKNOWN_SAMPLES)
    viewer.page.goto(viewer.url)
    known = viewer.page.locator("[data-sample]").evaluate_all("items => items.map(item => item.dataset.sample)")
    links = viewer.page.locator("[data-sample] a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert known == [str(sample.id) for sample in SAMPLES.values()]
    assert links == [f"/sessions/{session_id}" for session_id in known]


def test_only_samples_that_exist_are_linked(viewer: Viewer, writer: psycopg.Connection[Any]) -> None:
    """A sample session should be linked where this server has it, and the others should not."""
    viewer.expects_status(UNKNOWN_SAMPLES)
    there, *missing = [sample.id for sample in SAMPLES.values()]
    writer.execute("delete from public.sessions where id = any(%s)", [[there, *missing]])
    add_session(writer, id=there)
    viewer.page.goto(viewer.url)
    links = viewer.page.locator("#samples").get_by_role("link")
    expect(links).to_have_text([re.compile("Completed, with artifacts")])
    links.click()
    expect(viewer.page).to_have_url(f"{viewer.url}/sessions/{there}")
    writer.execute("delete from public.sessions where id = %s", [there])
