"""The files that the pages are made of."""

from pathlib import Path
from uuid import UUID

import pytest
import requests
from playwright.sync_api import Request, expect

from stack.whole import Stack

from .viewer import Viewer

STATIC = Path(__file__).resolve().parents[2] / "proxy" / "static"
SCRIPTS = {
    path.relative_to(STATIC).as_posix() for folder in ("page", "poller") for path in (STATIC / folder).glob("*.js")
}
POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}


def get(stack: Stack, path: str, **headers: str) -> requests.Response:
    """A file of the proxy."""
    return requests.get(stack.proxy_url + path, headers=headers, timeout=60)


@pytest.mark.parametrize("path", ["/", "/sessions/8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11", "/sessions/anything"])
def test_page(running_stack: Stack, path: str) -> None:
    """A page should be the same for every session, under a policy that lets in nothing but the proxy's own files."""
    response = get(running_stack, path)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert set(response.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11" not in response.text or path == "/"


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_script(running_stack: Stack, name: str) -> None:
    """Each script should be served as one, and not again to whoever has it."""
    response = get(running_stack, f"/static/{name}", **{"Accept-Encoding": "gzip"})
    assert response.text == (STATIC / name).read_text(encoding="utf-8")
    assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert response.headers["Content-Encoding"] == "gzip"
    again = get(running_stack, f"/static/{name}", **{"If-None-Match": response.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["/static/poller/package.json", "/static/", "/static/page/", "/static/../site.py", "/static/page/index.html"],
)
def test_nothing_else(running_stack: Stack, path: str) -> None:
    """What is no part of a page should not be served beside it."""
    url = running_stack.proxy_url + path
    request = requests.Request("GET", url).prepare()
    request.url = url  # requests would take the dots out
    with requests.Session() as session:
        assert session.send(request, timeout=60).status_code == 404


def test_lost_reader(viewer: Viewer, session_id: UUID) -> None:
    """Somebody who opens an address with nothing at it should be told where to go; a program should get its problem."""
    viewer.expects_status(404)
    api = f"/api/v2/sessions/{session_id}/events"
    viewer.page.goto(f"{viewer.url}{api}/")
    expect(viewer.page.get_by_role("heading", level=1)).to_have_text("Nothing at this address")
    links = viewer.page.get_by_role("link").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert links == [f"/sessions/{session_id}", api, "/", "/docs"]
    viewer.page.get_by_role("link", name="The page of session").click()
    expect(viewer.connection).to_have_text("Live · every 2 s")
    viewer.page.goto(f"{viewer.url}/%3Cscript%3E/x")
    expect(viewer.page.locator(".lead")).to_have_text("/<script>/x")
    answer = requests.get(f"{viewer.url}{api}/", headers={"Accept": "*/*"}, timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


def test_nothing_is_loaded_from_elsewhere(viewer: Viewer, session_id: UUID) -> None:
    """The page should work where nothing but the proxy can be reached."""
    asked: list[str] = []

    def gather(request: Request) -> None:
        asked.append(request.url)

    viewer.page.on("request", gather)
    viewer.open(session_id)
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith(f"{viewer.url}/")] == []
