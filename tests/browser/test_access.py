"""Sessions that cannot be seen: without a key, or since there is none."""

import re
import uuid
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import expect

from stack.proxy import proxy
from stack.whole import Stack
from tests.support.rows import add_events, add_session, spread

from .conftest import Viewers
from .viewer import Viewer

KEY = "a-key-of-the-tests"


@pytest.fixture
def locked(viewers: Viewers, running_stack: Stack) -> Iterator[Viewer]:
    """A tab on a proxy that asks for an API key."""
    with proxy(running_stack.postgrest_url, env={"API_KEYS": KEY}) as front:
        viewer = viewers(url=front.url)
        viewer.expects_status(401)
        yield viewer


def test_api_key(locked: Viewer, writer: psycopg.Connection[Any], session_id: UUID) -> None:
    """The page should ask for a key, refuse a wrong one, go on with a right one and forget it when told to."""
    add_events(writer, session_id, spread(2))
    locked.page.clock.install()
    locked.open(session_id)
    alert = locked.alert
    field = locked.page.get_by_label("API key", exact=True)
    expect(alert).to_contain_text("An API key is needed")
    expect(field).to_be_focused()
    locked.screenshot("api-key")
    field.fill("a wrong one")
    field.press("Enter")
    expect(alert).to_contain_text("This API key is not accepted")
    field.fill(KEY)
    field.press("Enter")
    locked.shows(["info 1", "info 0"])
    expect(alert).to_be_hidden()

    locked.page.reload()
    locked.shows(["info 1", "info 0"])
    kept: dict[str, str] = locked.page.evaluate("() => ({ ...localStorage })")
    assert KEY not in str(kept)
    assert KEY not in locked.page.url
    locked.open_options()
    locked.button("Forget API key").click()
    expect(alert).to_contain_text("An API key is needed")
    assert locked.page.evaluate("() => sessionStorage.length") == 0
    sent: list[str | None] = []
    locked.page.on("request", lambda request: sent.append(request.headers.get("x-api-key")))
    locked.page.clock.run_for(120_000)
    assert set(sent) <= {None}


def test_api_key_of_another_tab(locked: Viewer, session_id: UUID) -> None:
    """A key should stay in its tab: another one of the same browser has to be given it again."""
    locked.open(session_id)
    locked.page.get_by_label("API key", exact=True).fill(KEY)
    locked.button("Use this key").click()
    expect(locked.connection).to_have_text("Live · every 2 s")
    other = locked.page.context.new_page()
    other.goto(locked.page.url)
    expect(other.get_by_role("alert")).to_contain_text("An API key is needed")


def test_no_session(viewer: Viewer, writer: psycopg.Connection[Any]) -> None:
    """A session that is not there should be named as such, and be shown once it is there and asked for again."""
    viewer.expects_status(404)
    session_id = uuid.uuid4()
    viewer.open(session_id)
    alert = viewer.alert
    expect(alert).to_contain_text("No session has this id.")
    viewer.screenshot("not-found")
    add_session(writer, id=session_id)
    viewer.button("Try again").click()
    expect(alert).to_be_hidden()
    expect(viewer.connection).to_have_text("Live · every 2 s")


def test_deleted_session(viewer: Viewer, writer: psycopg.Connection[Any], session_id: UUID) -> None:
    """A session that is deleted while somebody looks should be said to be, with what was seen left to read."""
    viewer.expects_status(404)
    add_events(writer, session_id, spread(2))
    viewer.open(session_id)
    viewer.shows(["info 1", "info 0"])
    writer.execute("delete from public.sessions where id = %s", [session_id])
    expect(viewer.alert).to_contain_text("This session was deleted")
    expect(viewer.connection).to_have_text("Stopped")
    viewer.shows(["info 1", "info 0"])
    viewer.line("info 0").click()
    expect(viewer.row("info 0").get_by_role("region", name="event_data")).to_be_visible()


def test_no_steps(viewer: Viewer, writer: psycopg.Connection[Any], session_id: UUID) -> None:
    """That no step has started should be said of a session that was read, and of no other."""
    viewer.expects_status(404)
    nothing = viewer.page.locator("#no-steps")
    viewer.open(uuid.uuid4())
    expect(viewer.alert).to_be_visible()
    expect(nothing).to_be_hidden()
    viewer.open(session_id)
    expect(nothing).to_be_visible()
    expect(viewer.page.locator("#empty")).to_have_text("No events yet. They appear here as they are written.")
    writer.execute("update public.sessions set status = 'failed' where id = %s", [session_id])
    expect(viewer.page.locator("#empty")).to_have_text("This session has ended without any event.")


@pytest.mark.parametrize("session_id", ["my-session", "%00", "%E0%A4%A", "<script>alert(1)<%2Fscript>"])
def test_no_session_id(viewer: Viewer, session_id: str) -> None:
    """An address without a session id in it should be told apart from one of a session that is not there."""
    viewer.expects_status(400)
    viewer.page.goto(f"{viewer.url}/sessions/{session_id}")
    expect(viewer.page.get_by_role("heading", name=re.compile("not a session id"))).to_be_visible()
