"""/openapi.json and /docs, as a browser gets them."""

import filecmp
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import ConsoleMessage, Page

from proxy.problems import Kind
from tests.support.browser import chromium
from tests.support.client import Client
from tests.support.openapi import document

REPOSITORY = Path(__file__).parents[2]
VENDORED = REPOSITORY / "proxy" / "static" / "docs" / "swagger-ui"
PINNED = REPOSITORY / "node_modules" / "swagger-ui-dist"


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """A tab of a browser."""
    with chromium() as browser:
        yield browser.new_page()


def _get(client: Client, path: str, **headers: str) -> requests.Response:
    return client.session.get(f"{client.url}{path}", headers=headers, timeout=10)


def _assets(client: Client) -> list[str]:
    """What /docs loads."""
    return re.findall(r'(?:src|href)="(/docs/[^"]+)"', _get(client, "/docs").text)


def test_openapi_json_is_the_document(client: Client) -> None:
    """/openapi.json should be proxy/openapi.yaml, member for member."""
    assert _get(client, "/openapi.json").json() == document()


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/docs.js"])
def test_unchanged_document_is_not_sent_again(client: Client, path: str) -> None:
    """A client that has the document should get 304 without a body."""
    first = _get(client, path)
    again = _get(client, path, **{"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_document_is_compressed_where_the_client_accepts_it(client: Client) -> None:
    """Gzip should be used where it is accepted and not where it is refused, for the same text."""
    plain = _get(client, "/openapi.json", **{"Accept-Encoding": "gzip;q=0"})
    small = _get(client, "/openapi.json", **{"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert small.content == plain.content
    assert int(small.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 3


def test_page_loads_only_what_the_server_has(client: Client) -> None:
    """Each file that /docs names should come, with the type that a browser needs under nosniff."""
    types = {path: _get(client, path).headers["Content-Type"].partition(";")[0] for path in _assets(client)}
    assert set(types.values()) == {"text/javascript", "text/css", "image/png"}


def test_vendored_files_are_those_of_the_pinned_package() -> None:
    """What tools/vendor-docs copied should equal the npm package that package.json pins, licences included."""
    if not PINNED.is_dir():
        pytest.skip("node_modules is not installed")
    names = [file.name for file in VENDORED.iterdir()]
    assert {"LICENSE", "NOTICE"} <= set(names)
    assert filecmp.cmpfiles(VENDORED, PINNED, names, shallow=False)[1:] == ([], [])


def test_page_renders_under_its_policy(client: Client, page: Page) -> None:
    """The page should show the endpoint and try a request, without an error or a breach of its policy."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{client.url}/docs")
    page.locator("#operations-events-listSessionEvents .opblock-summary-control").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("textbox", name="session_id").fill("00000000-0000-4000-8000-000000000000")
    page.get_by_role("button", name="Execute").click()
    answer = page.locator(".live-responses-table .response-col_status").filter(has_text="404")
    answer.wait_for()
    # The browser itself notes every 404.
    assert [complaint for complaint in complaints if "404 (Not Found)" not in complaint] == []
    page.remove_listener("console", note)


@pytest.mark.parametrize("kind", Kind)
def test_type_of_a_problem_leads_to_its_row(client: Client, page: Page, kind: Kind) -> None:
    """The type of each problem should open the documentation at its explanation."""
    page.goto("about:blank")
    page.goto(f"{client.url}/docs#problem-{kind.slug}")
    row = page.locator("tr.target")
    row.wait_for()
    assert row.inner_text().split()[:2] == [kind.slug, str(kind.status)]
    box, view = row.bounding_box(), page.viewport_size
    assert box
    assert view
    assert 0 <= box["y"] < view["height"]
