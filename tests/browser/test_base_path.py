"""The page below a path of its own, as a browser sees it."""

from uuid import UUID

import psycopg
from playwright.sync_api import Request, expect

from stack.proxy import proxy
from stack.whole import Stack
from tests.support.rows import add_events, spread

from .viewer import Viewer

BASE = "/session-events"


def test_page_asks_below_its_base_path(
    running_stack: Stack, viewer: Viewer, session_id: UUID, writer: psycopg.Connection[object]
) -> None:
    """From the start page on, everything that the pages load and open should be below the base path."""
    add_events(writer, session_id, spread(2))
    asked: list[str] = []

    def gather(request: Request) -> None:
        asked.append(request.url)

    with proxy(running_stack.postgrest_url, env={"PROXY_BASE_PATH": BASE}) as below:
        viewer.page.on("request", gather)
        viewer.expects_status(404)  # the start page asks whether the demo's sessions are there
        viewer.page.goto(f"{below.url}{BASE}/")
        viewer.page.get_by_role("textbox").first.fill(str(session_id))
        viewer.page.keyboard.press("Enter")
        expect(viewer.messages).to_have_text(["info 1", "info 0"])
        assert viewer.page.url.startswith(f"{below.url}{BASE}/sessions/{session_id}")
        viewer.page.goto(f"{below.url}{BASE}/docs")
        expect(viewer.page.get_by_text("A session's events, newest first").first).to_be_visible()
        viewer.page.goto(f"{below.url}{BASE}/api/v2/sessions/{session_id}/events/")
        viewer.page.get_by_role("link", name="The page of session").click()
        expect(viewer.messages).to_have_text(["info 1", "info 0"])
        assert [url for url in asked if not url.startswith((f"{below.url}{BASE}/", "data:"))] == []
