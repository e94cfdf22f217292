"""CORS: off, unless CORS_ALLOW_ORIGINS says which pages of other origins may read."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from uuid import UUID

import pytest
import requests

from stack.whole import Stack
from tests.support.client import Client

from .parts import own_proxy

LISTED, SECOND, FOREIGN = "https://shop.example", "http://localhost:5173", "https://evil.example"
LIST = f"{LISTED}, {SECOND},"


@pytest.fixture(scope="module")
def allowing(running_stack: Stack) -> Iterator[Callable[[str], Client]]:
    """Gives the client of a proxy that allows these origins."""
    with ExitStack() as proxies:
        clients: dict[str, Client] = {}

        def _client(origins: str) -> Client:
            if origins not in clients:
                env = {"CORS_ALLOW_ORIGINS": origins}
                clients[origins] = proxies.enter_context(own_proxy(running_stack.postgrest_url, env)).client
            return clients[origins]

        yield _client


def _granted(headers: Mapping[str, str]) -> set[str]:
    return {name for name in headers if name.startswith("Access-Control-")}


def _kinds(client: Client, session_id: UUID, origin: str) -> list[requests.Response]:
    """A page, an error, a document and a preflight, as a page of `origin` asks for them."""
    headers = {"Origin": origin}
    preflight = {**headers, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-api-key"}
    return [
        client.get(session_id, headers=headers),
        client.get("nonsense", headers=headers),
        client.session.get(f"{client.url}/openapi.json", headers=headers, timeout=60),
        client.get(session_id, method="OPTIONS", headers=preflight),
    ]


def test_off(client: Client, session_id: UUID) -> None:
    """Without the setting no answer should grant anything, nor depend on the origin."""
    for response in _kinds(client, session_id, LISTED):
        assert not _granted(response.headers)
        assert "Origin" not in response.headers.get("Vary", "")


@pytest.mark.parametrize("origin", [LISTED, SECOND])
def test_listed(allowing: Callable[[str], Client], session_id: UUID, origin: str) -> None:
    """A listed origin should be named in every kind of answer, and errors be readable too."""
    for response in _kinds(allowing(LIST), session_id, origin):
        assert response.headers["Access-Control-Allow-Origin"] == origin
        assert "X-Poll-Interval" in response.headers["Access-Control-Expose-Headers"]
        assert "Origin" in response.headers["Vary"].split(", ")


@pytest.mark.parametrize("origin", [FOREIGN, "null", f"{LISTED}.evil.example", LISTED.upper(), "*", ""])
def test_not_listed(allowing: Callable[[str], Client], session_id: UUID, origin: str) -> None:
    """Any other origin should be granted nothing, and no cache hand it what a listed one got."""
    for response in _kinds(allowing(LIST), session_id, origin):
        assert not _granted(response.headers)
        assert "Origin" in response.headers["Vary"].split(", ")


def test_every_origin(allowing: Callable[[str], Client], session_id: UUID) -> None:
    """With * every origin should be allowed by the same answer."""
    for response in _kinds(allowing("*"), session_id, FOREIGN):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert "Origin" not in response.headers.get("Vary", "")


@pytest.mark.parametrize("origins", [LIST, "*"])
def test_preflight(allowing: Callable[[str], Client], session_id: UUID, origins: str) -> None:
    """A preflight should allow the headers that a client may send; other answers need not say so."""
    page, *_, preflight = _kinds(allowing(origins), session_id, LISTED)
    assert (preflight.status_code, preflight.content) == (204, b"")
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    allowed = {name.strip().lower() for name in preflight.headers["Access-Control-Allow-Headers"].split(",")}
    assert {"x-api-key", "if-none-match", "x-request-id"} <= allowed
    assert "Access-Control-Allow-Headers" not in page.headers
