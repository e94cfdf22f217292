"""Every documented example is what a server answers."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.datadir import private_directory
from stack.proxy import proxy
from stack.whole import Stack, stack
from tests.openapi.scenarios import Scenario, insert_fixture, masked, scenarios
from tests.support.client import Client
from tests.support.openapi import document
from tests.support.rows import add_session

EXAMPLES: dict[str, Any] = document()["components"]["examples"]


@pytest.fixture
def serve(client: Client, running_stack: Stack) -> Iterator[Callable[[dict[str, str]], Client]]:
    """Gives a client of the shared proxy, or of one with settings of its own in front of the same database."""
    with contextlib.ExitStack() as proxies:

        def _client(settings: dict[str, str]) -> Client:
            if not settings:
                return client
            url = settings.get("POSTGREST_URL", running_stack.postgrest_url)
            own = Client(proxies.enter_context(proxy(url, env=settings)).url)
            proxies.enter_context(own.session)
            return own

        yield _client


def _cursor_of_another_database(session_id: str) -> str:
    """A cursor of the same session in a database of another cluster."""
    with (
        private_directory() as directory,
        stack(directory) as other,
        psycopg.connect(other.database_url, autocommit=True) as connection,
    ):
        add_session(connection, id=UUID(session_id))
        api = Client(other.proxy_url)
        with api.session:
            return str(api.page(session_id)["cursor"])


@pytest.mark.parametrize("scenario", [pytest.param(scenario, id=scenario.name) for scenario in scenarios()])
def test_scenario_comes_out_as_documented(
    scenario: Scenario,
    client: Client,
    serve: Callable[[dict[str, str]], Client],
    writer: psycopg.Connection[Any],
) -> None:
    """The request of a scenario should get the status, the headers and the body that the document shows."""
    session_id = str(insert_fixture(writer, scenario.session))
    known = {"session_id": session_id, "SESSION_ID": session_id.upper()}
    if "{other_session_cursor}" in scenario.request:
        known["other_session_cursor"] = client.page(add_session(writer))["cursor"]
    if "{foreign_cursor}" in scenario.request:
        known["foreign_cursor"] = _cursor_of_another_database(session_id)
    method, target = scenario.request.format_map(known).split()
    api = serve(scenario.settings)
    response = api.session.request(method, f"{api.url}{target}", headers=scenario.headers, timeout=60)
    assert response.status_code == scenario.status, response.text
    assert {name: response.headers.get(name) for name in scenario.sees} == scenario.sees
    if scenario.example:
        assert masked(response.json()) == masked(EXAMPLES[scenario.example]["value"])
