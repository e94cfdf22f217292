"""The pages as somebody at a browser has them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Locator, Page, expect

SCREENSHOTS = Path(__file__).resolve().parents[2] / ".local" / "screenshots"


@dataclass(frozen=True)
class Viewer:
    """A tab on the proxy at `url`; what the browser complains about gathers in `complaints`."""

    page: Page
    url: str
    complaints: list[str]
    expected: list[str] = field(default_factory=list)

    def open(self, session_id: UUID | str, query: str = "") -> None:
        """Goes to a session's page and waits for the first answer."""
        self.page.goto(f"{self.url}/sessions/{session_id}{query}")
        expect(self.connection).not_to_have_text("Loading…")

    def expects_status(self, *statuses: int) -> None:
        """The browser may complain about answers with these statuses; 0 is no answer at all."""
        for status in statuses:
            words = f"the server responded with a status of {status}" if status else "net::ERR_"
            self.expected.append(f"Failed to load resource: {words}")

    @property
    def unexpected(self) -> list[str]:
        """Complaints that no test has asked for."""
        return [text for text in self.complaints if not any(text.startswith(prefix) for prefix in self.expected)]

    @property
    def events(self) -> Locator:
        """The list that scrolls."""
        return self.page.locator("#events")

    @property
    def lines(self) -> Locator:
        """The lines of the events in the document, from the top."""
        return self.page.locator(".row .line")

    @property
    def messages(self) -> Locator:
        """The messages in the document, from the top."""
        return self.page.locator(".row .message")

    @property
    def summary(self) -> Locator:
        """How many events there are."""
        return self.page.locator("#summary")

    @property
    def connection(self) -> Locator:
        """How it stands with the server."""
        return self.page.locator("#connection")

    @property
    def new_events(self) -> Locator:
        """The button that counts what came above."""
        return self.page.locator("#new-events")

    @property
    def alert(self) -> Locator:
        """What is said above the events about a fault."""
        return self.page.locator("#notice")

    @property
    def note(self) -> Locator:
        """A line above the events that can be put away."""
        return self.page.locator("#notes .note")

    @property
    def chips(self) -> Locator:
        """The types that are buttons, with their numbers."""
        return self.page.locator("#types .chip")

    def chip(self, type_: str) -> Locator:
        """The button of a type."""
        return self.chips.filter(has=self.page.get_by_text(type_, exact=True))

    def line(self, message: str) -> Locator:
        """The line of the event with exactly this message."""
        return self.lines.filter(has=self.page.get_by_text(message, exact=True))

    def row(self, message: str) -> Locator:
        """The whole event with exactly this message."""
        return self.page.locator(".row").filter(has=self.page.locator(".message").get_by_text(message, exact=True))

    def row_ids(self) -> list[str]:
        """The ids of the events in the document, from the top."""
        ids: list[str] = self.page.locator(".row[data-id]").evaluate_all("rows => rows.map(row => row.dataset.id)")
        return ids

    def top_of(self, line: Locator) -> float:
        """Where a line is on the screen, in pixels."""
        box = line.bounding_box()
        assert box is not None
        return box["y"]

    def shows(self, messages: Sequence[str]) -> None:
        """Waits until the document has these messages, from the top."""
        expect(self.messages).to_have_text(list(messages))

    def scroll_to(self, place: str) -> None:
        """Scrolls the list to an expression of JavaScript about the element `list`."""
        self.events.evaluate(f"list => {{ list.scrollTop = {place}; }}")

    def button(self, name: str) -> Locator:
        """The button with exactly this name."""
        return self.page.get_by_role("button", name=re.compile(f"^{re.escape(name)}$"))

    def open_options(self) -> None:
        """Opens the menu of what is changed rarely."""
        self.page.locator("#options > summary").click()

    def screenshot(self, name: str) -> None:
        """Keeps what can be seen now."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")
