"""Nothing that the server does is undocumented, and nothing is documented that it does not do."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import proxy
from proxy.app import create_app
from proxy.metrics import Metrics
from proxy.problems import Kind
from proxy.query import ALLOWED, DEFAULT_LIMIT
from proxy.settings import Settings
from tests.openapi.scenarios import scenarios
from tests.support.openapi import METHODS, document, resolve

EVENTS = "/api/v2/sessions/{session_id}/events"
DESCRIPTION: str = document()["info"]["description"]


def _parameters(method: str, place: str) -> list[dict[str, Any]]:
    """The documented parameters of the endpoint in the query or in headers, in order."""
    parameters = [resolve(parameter) for parameter in document()["paths"][EVENTS][method]["parameters"]]
    return [parameter for parameter in parameters if parameter["in"] == place]


def _problems() -> Iterator[tuple[str, int, str]]:
    """The slug, status and title of every documented problem."""
    operations = [operation for item in document()["paths"].values() for operation in item.values()]
    for operation in [*operations, document()["x-unknown-path"]]:
        for status, response in operation.get("responses", {}).items() if isinstance(operation, dict) else ():
            schema = resolve(response).get("content", {}).get("application/problem+json", {}).get("schema", {})
            for variant in schema.get("oneOf", [schema] if schema else []):
                constants = variant["allOf"][1]["properties"]
                slug = constants["type"]["const"].removeprefix("/docs#problem-")
                yield slug, int(status), constants["title"]["const"]


def _responses() -> Iterator[dict[str, Any]]:
    """Every documented response."""
    for item in [*document()["paths"].values(), document()["x-assets"], {"get": document()["x-unknown-path"]}]:
        for operation in item.values():
            if isinstance(operation, dict):
                yield from map(resolve, operation["responses"].values())


def test_query_parameters_are_those_of_the_server() -> None:
    """GET and HEAD should document exactly the parameters that the proxy takes, limit with its default."""
    for method in ("get", "head"):
        parameters = {parameter["name"]: parameter for parameter in _parameters(method, "query")}
        assert tuple(parameters) == ALLOWED
        assert str(parameters["limit"]["schema"]["default"]) == DEFAULT_LIMIT
        assert not any(parameter.get("required") for parameter in parameters.values())


def test_request_headers_are_those_of_the_server() -> None:
    """The document should name exactly the request headers that the proxy's code reads."""
    sources = [file.read_text() for file in Path(proxy.__file__).parent.glob("*.py")]
    read = {name for source in sources for name in re.findall(r'request\.headers\.get(?:all)?\("([\w-]+)"', source)}
    schemes = document()["components"]["securitySchemes"]
    assert schemes["bearer"]["scheme"] == "bearer"
    # Host belongs to every request, whoever answers.
    others = {schemes["apiKey"]["name"], "Authorization", "Host"}
    assert {parameter["name"] for parameter in _parameters("get", "header")} | others == read


def test_problems_are_those_of_the_server() -> None:
    """Each error of the proxy should be documented with its status and title, and no other."""
    assert set(_problems()) == {(kind.slug, kind.status, kind.title) for kind in Kind}


def test_table_of_errors_is_that_of_the_server() -> None:
    """The table of errors should have a row that can be linked to for each error, with its status."""
    rows = re.findall(r'<a id="problem-([a-z-]+)"></a>`([a-z-]+)` \| (\d+) \|', DESCRIPTION)
    assert rows == list(dict.fromkeys(rows))
    assert {(anchor, slug, int(status)) for anchor, slug, status in rows} == {
        (kind.slug, kind.slug, kind.status) for kind in Kind
    }


def test_routes_are_those_of_the_server() -> None:
    """Each route of the proxy should be documented, by itself or as an asset of a page, and no other."""
    app = create_app(Settings(postgrest_url="http://127.0.0.1:9"), Metrics())
    served = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource}
    documented = {
        (method.upper(), path) for path, item in document()["paths"].items() for method in METHODS if method in item
    }
    assert documented - served == set()
    prefixes = document()["x-assets"]["x-prefixes"]
    assert {path for _, path in served - documented if not path.startswith(tuple(prefixes))} == set()
    assert {method for method, _ in served - documented} == {"GET", "HEAD"}
    for prefix in prefixes:
        assert any(path.startswith(prefix) for _, path in served), prefix


def test_each_response_header_must_come_or_is_seen_to_come() -> None:
    """A documented header should be required, so that each answer is checked for it, or be expected by a scenario."""
    headers = [pair for response in _responses() for pair in response.get("headers", {}).items()]
    optional = {name for name, header in headers if not resolve(header).get("required")}
    seen = {name for scenario in scenarios() for name in scenario.sees}
    assert optional - seen == set()


def test_exposed_headers_are_documented() -> None:
    """Each header that a script of another origin may read should be one of a response."""
    exposed = document()["components"]["headers"]["AccessControlExposeHeaders"]["schema"]["const"].split(", ")
    named = {name for response in _responses() for name in response.get("headers", {})}
    assert set(exposed) - named == set()
    for name in exposed:
        assert f"`{name}`" in DESCRIPTION
