"""The pages for everybody: rules that axe knows, screen readers, narrow screens, dark and light."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import expect

from demo.samples import SAMPLES, fill
from stack.proxy import proxy
from stack.whole import Stack
from tests.support.rows import START, add_events, spread

from .conftest import Scheme, Viewers
from .viewer import Viewer

Writer = psycopg.Connection[Any]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE = (1280, 800)
NARROW = (360, 740)


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Scheme:
    """Both colour schemes."""
    found: Scheme = request.param
    return found


@pytest.fixture(autouse=True)
def samples(writer: Writer) -> Iterator[None]:
    """The sample sessions of the demo, for the time of the test."""
    fill(writer)
    yield
    writer.execute("delete from public.sessions where id = any(%s)", [[sample.id for sample in SAMPLES.values()]])


def assert_accessible(viewer: Viewer) -> None:
    """No rule is broken by what can be seen now."""
    viewer.page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = viewer.page.evaluate(
        "rules => axe.run(document, { runOnly: rules }).then(({ violations }) => violations.map(({ id, nodes }) =>"
        " ({ id, nodes: nodes.map(({ html, failureSummary }) => [html, failureSummary]) })))",
        RULES,
    )
    assert violations == [], json.dumps(violations, indent=1)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_session(viewers: Viewers, scheme: Scheme, size: tuple[int, int]) -> None:
    """A session with an open event, errors and steps should break no rule, in any scheme and width."""
    viewer = viewers(scheme=scheme, width=size[0], height=size[1])
    viewer.open(SAMPLES["failed"].id)
    row = viewer.row("OrderControllerIT.createsAnOrder: expected 200 OK but was 500")
    row.locator(".line").click()
    expect(row.get_by_role("region", name="event_data.stack_trace")).to_contain_text("Caused by:")
    assert_accessible(viewer)
    viewer.screenshot(f"session-{scheme}-{'wide' if size is WIDE else 'narrow'}")


def test_start(viewers: Viewers, scheme: Scheme) -> None:
    """The first page should break no rule."""
    viewer = viewers(scheme=scheme)
    viewer.page.goto(viewer.url)
    expect(viewer.page.locator("#samples").get_by_role("link")).to_have_count(len(SAMPLES))
    viewer.button("Open").click()
    assert_accessible(viewer)
    viewer.screenshot(f"start-{scheme}")


def test_notice_and_dialog(viewers: Viewers, running_stack: Stack, scheme: Scheme) -> None:
    """The question for a key, and the list of keys above it, should break no rule."""
    with proxy(running_stack.postgrest_url, env={"API_KEYS": "a-key"}) as front:
        viewer = viewers(url=front.url, scheme=scheme)
        viewer.expects_status(401)
        viewer.open(SAMPLES["failed"].id)
        assert_accessible(viewer)
        viewer.button("Keys").click()
        assert_accessible(viewer)


def test_retrying_and_older(viewers: Viewers, running_stack: Stack, scheme: Scheme) -> None:
    """A page that has lost its server, scrolled away from the top, should break no rule."""
    with proxy(running_stack.postgrest_url) as front:
        viewer = viewers(url=front.url, scheme=scheme)
        viewer.expects_status(0)
        viewer.open(SAMPLES["paused"].id, "?limit=3")
    expect(viewer.connection).to_contain_text("The server cannot be reached.")
    viewer.button("Load older events").click()
    expect(viewer.page.locator(".row.older")).to_contain_text("The server cannot be reached.")
    assert_accessible(viewer)
    viewer.screenshot(f"away-{scheme}")


def test_counts_are_announced(viewer: Viewer, writer: Writer, session_id: UUID) -> None:
    """A screen reader should be told how many events came, in one sentence, and not each one."""
    add_events(writer, session_id, spread(3))
    viewer.open(session_id)
    status = viewer.page.get_by_role("status")
    expect(status).to_have_text("3 events")
    add_events(writer, session_id, spread(40, event_type="error", start=START + timedelta(hours=1)))
    expect(status).to_have_text("40 new events, 40 errors among them.")
    expect(viewer.events).to_have_attribute("role", "feed")
    expect(viewer.page.get_by_role("article").first).to_have_attribute("aria-posinset", "1")
    expect(viewer.page.get_by_role("article").first).to_have_attribute("aria-setsize", "43")


def test_narrow_screen_does_not_scroll_sideways(viewers: Viewers) -> None:
    """On a telephone nothing should stick out, and everything should be reachable."""
    viewer = viewers(width=NARROW[0], height=NARROW[1])
    viewer.open(SAMPLES["failed"].id)
    viewer.lines.first.click()
    assert viewer.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in ("Pause", "Keys", "Copy id", "error"):
        expect(viewer.button(button)).to_be_in_viewport(ratio=1)
