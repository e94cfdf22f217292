"""Plays the scenarios of proxy/openapi.yaml (their shape is described there, above x-fixtures)."""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import requests
from openapi_schema_validator import OAS31Validator

from tests.support.client import Client
from tests.support.openapi import UNKNOWN, document
from tests.support.rows import Event, add_events, add_session, add_step


@dataclass(frozen=True)
class Scenario:
    """A documented scenario and the operation that it is documented at."""

    path: str
    method: str
    text: dict[str, Any]

    @property
    def name(self) -> str:
        """Its name, unique in the document."""
        return str(self.text["name"])

    @property
    def settings(self) -> dict[str, str]:
        """Environment of the server that it needs; empty where any will do."""
        return dict(self.text.get("settings", {}))

    def mentions(self, name: str) -> bool:
        """Whether a step uses the value remembered as `name`."""
        return f"{{{name}}}" in json.dumps(self.text)


def scenarios() -> Iterator[Scenario]:
    """All of them, in the order of the document."""
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict):
                for text in operation.get("x-scenarios", ()):
                    yield Scenario(path, method, text)
    for text in document()["x-unknown-path"]["x-scenarios"]:
        yield Scenario(UNKNOWN, "get", text)


def insert_fixture(connection: psycopg.Connection[Any], name: str) -> UUID:
    """A fresh session as x-fixtures describes it."""
    fixture = document()["x-fixtures"][name]
    session_id = add_session(connection, status=fixture["status"])
    step_id = add_step(connection, session_id) if any("step" in group for group in fixture["events"]) else None
    moment = datetime.fromisoformat(fixture["first_event_at"])
    for group in fixture["events"]:
        for event in _events(group, moment, timedelta(seconds=fixture["interval_seconds"]), step_id):
            add_events(connection, session_id, [event])
            moment += timedelta(seconds=fixture["interval_seconds"])
    return session_id


def _events(group: dict[str, Any], first: datetime, interval: timedelta, step_id: UUID | None) -> Iterator[Event]:
    """One group of a fixture or of a step's insert, oldest first."""
    padding = {"padding": "x" * group["padding_bytes"]} if "padding_bytes" in group else {}
    for number in range(group.get("repeat", 1)):
        message = group.get("message")
        yield Event(
            event_type=group["event_type"],
            message=message and message.replace("{n}", str(number + 1)),
            event_data={**group.get("event_data", {}), **padding},
            timestamp=first + number * interval,
            step_id=step_id if group.get("step") else None,
        )


@dataclass(frozen=True)
class Replay:
    """One scenario under way; `known` holds what its steps may use as {name}."""

    scenario: Scenario
    client: Client
    connection: psycopg.Connection[Any]
    known: dict[str, str]

    def run(self) -> None:
        """Plays every step."""
        for number, step in enumerate(self.scenario.text["steps"], start=1):
            self._insert(step.get("insert", ()))
            request = self._filled(step.get("request", {}))
            with ThreadPoolExecutor(step.get("concurrently", 1)) as clients:
                responses = list(clients.map(self._send, [request] * step.get("concurrently", 1)))
            for response in responses:
                self._compare(response, self._filled(step["expect"]), f"step {number}: {response.url}")
            self._remember(responses[0], step.get("remember", {}))

    def _insert(self, groups: list[dict[str, Any]]) -> None:
        for group in groups:
            moment = datetime.fromisoformat(group["timestamp"]) if "timestamp" in group else datetime.now(UTC)
            events = _events(group, moment, timedelta(microseconds=1), None)
            add_events(self.connection, UUID(self.known["session_id"]), events)

    def _send(self, request: dict[str, Any]) -> requests.Response:
        path = request.get("target", self.scenario.path)
        for name, value in {**self.known, **request.get("path", {})}.items():
            path = path.replace(f"{{{name}}}", value)
        raw = f"?{request['raw_query']}" if "raw_query" in request else ""
        return self.client.session.request(
            request.get("method", self.scenario.method),
            f"{self.client.url}{path}{raw}",
            params=request.get("query"),
            headers=request.get("headers"),
            timeout=60,
        )

    def _compare(self, response: requests.Response, expect: dict[str, Any], where: str) -> None:
        assert response.status_code == expect["status"], f"{where}: {response.text}"
        for name, wanted in expect.get("headers", {}).items():
            _assert_fits(response.headers.get(name), wanted, f"{where}: {name}")
        for pointer, wanted in expect.get("body", {}).items():
            for found in _found(response.json(), pointer.split("/")[1:]):
                _assert_fits(found, wanted, f"{where}: {pointer}")
        if "example" in expect:
            example = document()["components"]["examples"][expect["example"]]["value"]
            assert _masked(response.json()) == _masked(example), where
        milliseconds = response.elapsed.total_seconds() * 1000
        assert milliseconds < expect.get("within_ms", float("inf")), f"{where}: {milliseconds} ms"

    def _remember(self, response: requests.Response, names: dict[str, str]) -> None:
        for name, source in names.items():
            value = _found(response.json(), source.split("/")[1:])[0] if "/" in source else response.headers[source]
            self.known[name] = str(value)

    def _filled(self, node: Any) -> Any:
        """The node with every {name} that is known replaced."""
        if isinstance(node, dict):
            return {key: self._filled(value) for key, value in node.items()}
        if isinstance(node, list):
            return [self._filled(value) for value in node]
        if isinstance(node, str):
            return re.sub(r"\{(\w+)\}", lambda found: self.known.get(found[1], found[0]), node)
        return node


def _found(node: Any, names: list[str]) -> list[Any]:
    """What a JSON pointer names; * stands for every item."""
    if not names:
        return [node]
    first, *rest = names
    if first == "*":
        assert node, "nothing to compare"
        return [found for item in node for found in _found(item, rest)]
    return _found(node[int(first)] if isinstance(node, list) else node[first], rest)


def _assert_fits(found: Any, wanted: Any, where: str) -> None:
    """A mapping is a JSON Schema, anything else the value itself."""
    if isinstance(wanted, dict):
        faults = [fault.message[:500] for fault in OAS31Validator(wanted).iter_errors(found)]
        assert not faults, f"{where}: {faults}"
    else:
        assert found == wanted, where


def _masked(body: dict[str, Any]) -> dict[str, Any]:
    """The body without what differs from one run to the next."""
    items = [
        {**item, "id": "", "session_id": "", "step_id": item["step_id"] is not None} for item in body.get("items", ())
    ]
    own = {"cursor", "request_id"} | ({"timestamp"} if "items" in body else set())
    return {name: value for name, value in body.items() if name not in own} | ({"items": items} if items else {})
