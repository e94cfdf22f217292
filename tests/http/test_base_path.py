"""The proxy below a path of its own."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import psycopg
import pytest
import requests

from stack.proxy import proxy
from stack.whole import Stack
from tests.support.rows import add_events, add_session, spread

BASE = "/boost/session-events"


@pytest.fixture(scope="module")
def origin(running_stack: Stack) -> Iterator[str]:
    """A proxy with a base path; a slash at its end changes nothing."""
    with proxy(running_stack.postgrest_url, env={"PROXY_BASE_PATH": f"{BASE}/"}) as below:
        yield below.url


@pytest.mark.parametrize("path", ["/", "/sessions/8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11", "/docs"])
def test_pages_lead_nowhere_else(origin: str, path: str) -> None:
    """Every link of a page, and every file that it loads, should be there below the base path."""
    page = requests.get(f"{origin}{BASE}{path}", timeout=60)
    assert page.status_code == 200
    links = [link for link in re.findall(r'(?:href|src|action)="([^"]+)"', page.text) if not link.startswith("#")]
    assert links
    for link in links:
        target = urljoin(page.url, link)
        assert urlsplit(target).path.startswith(f"{BASE}/"), link
        assert requests.get(target, timeout=60).status_code == 200, link


@pytest.mark.parametrize("base", ["", BASE])
def test_the_api_is_there(origin: str, base: str, running_stack: Stack, writer: psycopg.Connection[object]) -> None:
    """Events, readiness and errors should be as without a base path, below it and without."""
    session_id = add_session(writer)
    add_events(writer, session_id, spread(2))
    url = f"{base}/api/v2/sessions/{session_id}/events"
    plain = requests.get(f"{running_stack.proxy_url}/api/v2/sessions/{session_id}/events", timeout=60).json()
    assert requests.get(origin + url, timeout=60).json()["items"] == plain["items"]
    assert requests.head(origin + url, timeout=60).status_code == 200
    assert requests.get(f"{origin}{base}/ready", timeout=60).json() == {"status": "ok"}
    refused = requests.post(origin + url, timeout=60)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert requests.get(f"{origin}{base}/nowhere", timeout=60).json()["type"] == "/docs#problem-not-found"


def test_document_names_the_base_path(origin: str) -> None:
    """The OpenAPI document should say where its paths begin, so that what is tried out in /docs reaches the proxy."""
    assert [server["url"] for server in requests.get(f"{origin}/openapi.json", timeout=60).json()["servers"]] == [BASE]


def test_nothing_else_begins_so(origin: str) -> None:
    """The base path without a slash, and twice, should be nothing."""
    for path in (BASE, f"{BASE}{BASE}/ready"):
        assert requests.get(f"{origin}{path}", timeout=60).status_code == 404
