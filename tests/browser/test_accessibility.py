"""The pages for everybody: rules that axe knows, screen readers, narrow screens, dark and light, in every state."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import expect

from demo.directory import directory
from demo.samples import SAMPLES, fill
from stack.proxy import proxy
from stack.whole import Stack
from tests.support.long import LONG
from tests.support.rows import START, Event, add_events, add_session, spread

from .conftest import Scheme, Viewers
from .viewer import Viewer

Writer = psycopg.Connection[Any]
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE = (1440, 900)
NARROW = (390, 800)


@pytest.fixture(autouse=True)
def samples(writer: Writer) -> Iterator[None]:
    """The sample sessions of the demo, and their list, for the time of the test."""
    fill(writer)
    with directory(writer) as listed:
        for sample in SAMPLES.values():
            listed.add(sample.title, sample.id)
        yield
    ids = [sample.id for sample in SAMPLES.values()]
    writer.execute("delete from public.sessions where id = any(%s) or session_type = 'demo'", [ids])


def assert_accessible(viewer: Viewer, state: str) -> None:
    """No rule is broken by what can be seen now."""
    viewer.page.evaluate(AXE.read_text(encoding="utf-8"))
    violations = viewer.page.evaluate(
        "rules => axe.run(document, { runOnly: rules }).then(({ violations }) => violations.map(({ id, nodes }) =>"
        " ({ id, nodes: nodes.map(({ html, failureSummary }) => [html, failureSummary]) })))",
        RULES,
    )
    assert violations == [], f"{state}: {json.dumps(violations, indent=1)}"


class Room:
    """Brings a tab into each state; a state is a method that leaves when it can be seen."""

    def __init__(self, viewer: Viewer, writer: Writer, stack: Stack, stopping: ExitStack) -> None:
        self.viewer, self.writer, self.stack, self.stopping = viewer, writer, stack, stopping
        self.home = viewer.url

    def open(self, key: str, query: str = "") -> Viewer:
        """The page of a sample."""
        self.viewer.open(SAMPLES[key].id, query)
        return self.viewer

    def front(self, **env: str) -> tuple[ExitStack, str]:
        """A proxy of the state's own, and how to end it."""
        ending = self.stopping.enter_context(ExitStack())
        return ending, ending.enter_context(proxy(self.stack.postgrest_url, env=env)).url

    def tools(self) -> None:
        """Unfolds what a narrow screen folds."""
        if not self.viewer.page.locator("#find").is_visible():
            self.viewer.page.locator("#tools > summary").click()

    def failed(self) -> None:
        """A session that failed, with its error opened."""
        row = self.open("failed").row("OrderControllerIT.createsAnOrder: expected 200 OK but was 500")
        row.locator(".line").click()
        expect(row.get_by_role("region", name="event_data.stack_trace")).to_contain_text("Caused by:")

    def start(self) -> None:
        """The first page, with a fault and what is known."""
        self.viewer.page.goto(self.home)
        expect(self.viewer.page.locator("#demo-list .badge")).to_have_count(len(SAMPLES))
        self.viewer.button("Open").click()

    def paused(self) -> None:
        """A session that waits, with a step chosen."""
        self.open("paused")
        steps = self.viewer.page.locator("#steps")
        if not steps.get_attribute("open") and not self.viewer.page.locator("#step-list").is_visible():
            steps.locator("summary").click()
        self.viewer.page.locator(".step-item button").first.click()
        expect(self.viewer.summary).to_have_text("3 events of this step")

    def pending(self) -> None:
        """A session without events, and the options."""
        self.open("empty").open_options()
        expect(self.viewer.page.locator("#empty")).to_be_visible()

    def found(self) -> None:
        """Hits in a long session."""
        self.open("big")
        self.tools()
        field = self.viewer.page.get_by_label("Find in the events")
        field.fill("slow")
        field.press("Enter")
        expect(self.viewer.page.locator("#hits")).to_have_text("1 of 18 in 1,000 loaded")

    def types(self) -> None:
        """Several types chosen, and the menu of all."""
        self.open("big", "?event_type=error&event_type=warning")
        self.tools()
        self.viewer.page.locator("#type-menu > summary").click()
        expect(self.viewer.summary).to_have_text("199 of 10,000 events")

    def loading(self) -> None:
        """Everything is being loaded."""
        self.viewer.page.route("**/events?next=*", lambda _route: None)
        self.open("big").button("Load all").click()
        expect(self.viewer.page.locator("#progress")).to_contain_text("1,000 of 10,000")
        self.viewer.page.unroute("**/events?next=*")

    def live(self) -> None:
        """A session that runs, with more above what is read."""
        session_id = add_session(self.writer)
        add_events(self.writer, session_id, spread(60))
        self.viewer.open(session_id)
        self.viewer.scroll_to("300")
        add_events(self.writer, session_id, spread(7, event_type="warning", start=START + timedelta(hours=1)))
        expect(self.viewer.new_events).to_have_text("↑ 7 new events")

    def not_found(self) -> None:
        """A session that is not there."""
        self.viewer.open(uuid.uuid4())
        expect(self.viewer.alert).to_contain_text("Session not found")

    def notes(self) -> None:
        """Two notes, and the keys above them."""
        self.open("failed", f"?foo=1#event={uuid.uuid4()}")
        expect(self.viewer.note).to_have_count(2)

    def keys(self) -> None:
        """The list of keys."""
        self.open("failed").page.keyboard.press("?")

    def lost(self) -> None:
        """An address with nothing at it."""
        self.viewer.page.goto(f"{self.home}/api/v2/sessions/{SAMPLES['failed'].id}/events/")

    def locked(self) -> None:
        """A key is asked for."""
        _ending, url = self.front(API_KEYS="a-key")
        self.viewer.page.goto(f"{url}/sessions/{SAMPLES['failed'].id}")
        expect(self.viewer.alert).to_contain_text("An API key is needed")

    def away(self) -> None:
        """The server is gone, and older events were asked for."""
        ending, url = self.front()
        self.viewer.page.goto(f"{url}/sessions/{SAMPLES['paused'].id}?limit=3")
        expect(self.viewer.messages).to_have_count(3)
        ending.close()
        self.viewer.button("Load older events").click()
        expect(self.viewer.page.locator(".row.older")).to_contain_text("The server cannot be reached.")
        expect(self.viewer.page.locator("#away")).to_be_visible()

    def hostile(self) -> None:
        """Long words, right-to-left text and much data."""
        session_id = add_session(self.writer, status="archived")
        path = "/srv/" + "very-long-project-name-" * 8
        self.writer.execute("update public.sessions set project_path = %s where id = %s", [path, session_id])
        long, other = "Donaudampfschifffahrtsgesellschaft" * 20, "שלום, עולם! مرحبا بالعالم"
        data = {"word": long, "__proto__": other, "list": list(range(60))}
        event = Event(event_type="a" * 100, message=f"{other} {long}", event_data=data)
        add_events(self.writer, session_id, [event, *spread(3, start=START + timedelta(days=2))])
        self.viewer.open(session_id)
        self.viewer.lines.last.click()
        expect(self.viewer.button("Show all 66 lines")).to_be_visible()


STATES: list[Callable[[Room], None]] = [
    Room.failed, Room.start, Room.paused, Room.pending, Room.found, Room.types, Room.away, Room.loading,
    Room.live, Room.not_found, Room.notes, Room.keys, Room.lost, Room.locked, Room.hostile,
]  # fmt: skip


def chosen(part: int) -> list[Callable[[Room], None]]:
    """All states where there is time, else every second one."""
    return STATES if LONG else STATES[part::2]


@pytest.mark.parametrize(
    ("scheme", "size", "states"),
    [
        ("light", WIDE, chosen(0)),
        ("dark", NARROW, chosen(1)),
        *([("dark", WIDE, STATES), ("light", NARROW, STATES)] if LONG else []),
    ],
    ids=lambda value: f"{value[0]}" if isinstance(value, tuple) else value if isinstance(value, str) else "",
)
def test_states(
    viewers: Viewers,
    writer: Writer,
    running_stack: Stack,
    scheme: Scheme,
    size: tuple[int, int],
    states: list[Callable[[Room], None]],
) -> None:
    """No state of the pages should break a rule or stick out sideways, in any scheme and width."""
    viewer = viewers(scheme=scheme, width=size[0], height=size[1])
    viewer.expects_status(0, 401, 404)
    with ExitStack() as stopping:
        room = Room(viewer, writer, running_stack, stopping)
        for number, bring in enumerate(states):
            bring(room)
            viewer.screenshot(f"{number:02}-{bring.__name__}-{scheme}-{size[0]}")
            assert_accessible(viewer, bring.__name__)
            assert viewer.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), bring.__name__


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


def test_narrow_screen(viewers: Viewers) -> None:
    """On a telephone the events should have the room: what is above them is folded, and can be reached."""
    viewer = viewers(width=NARROW[0], height=NARROW[1])
    viewer.open(SAMPLES["failed"].id)
    list_ = viewer.events.bounding_box()
    assert list_ is not None
    assert list_["height"] > NARROW[1] * 0.6
    expect(viewer.page.locator("#find")).to_be_hidden()
    viewer.page.get_by_text("Filter and find").click()
    for control in (viewer.page.locator("#find"), viewer.chip("error"), viewer.button("Next error")):
        expect(control).to_be_in_viewport(ratio=1)
    viewer.page.keyboard.press("Control+f")
    expect(viewer.page.locator("#find")).to_be_focused()
