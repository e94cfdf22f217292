"""One browser for all tests here, and a tab of its own for each; a tab that complains fails its test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Literal, Protocol
from uuid import UUID

import psycopg
import pytest
from playwright.sync_api import Browser, ConsoleMessage, expect

from stack.whole import Stack
from tests.support.browser import chromium
from tests.support.rows import add_session

from .viewer import Viewer

PATIENCE_MILLISECONDS = 20_000
Scheme = Literal["light", "dark"]


class Viewers(Protocol):
    """Opens tabs."""

    def __call__(self, *, url: str = "", scheme: Scheme = "light", width: int = 1280, height: int = 800) -> Viewer:
        """A new tab on the running stack, or on the proxy at `url`."""


# Not for the whole session: until Playwright is stopped its event loop counts as running in this thread.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with chromium() as browser:
        yield browser


@pytest.fixture
def viewers(browser: Browser, running_stack: Stack) -> Iterator[Viewers]:
    """Opens tabs that share nothing, and closes them."""
    with ExitStack() as tabs:

        def viewer(*, url: str = "", scheme: Scheme = "light", width: int = 1280, height: int = 800) -> Viewer:
            return tabs.enter_context(_tab(browser, url or running_stack.proxy_url, scheme, width, height))

        yield viewer


@contextmanager
def _tab(browser: Browser, url: str, scheme: Scheme, width: int, height: int) -> Iterator[Viewer]:
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": width, "height": height},
        timezone_id="Europe/Paris",
        locale="en-GB",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(PATIENCE_MILLISECONDS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", _gathers(complaints))
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error}"))
    viewer = Viewer(page, url, complaints)
    try:
        yield viewer
    finally:
        context.close()
    assert viewer.unexpected == []


def _gathers(complaints: list[str]) -> Callable[[ConsoleMessage], None]:
    def gather(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    return gather


@pytest.fixture
def viewer(viewers: Viewers) -> Viewer:
    """A light tab of a usual size on the running stack."""
    return viewers()


@pytest.fixture
def session_id(writer: psycopg.Connection[Any]) -> UUID:
    """A running session without events."""
    return add_session(writer)
