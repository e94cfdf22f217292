"""docs/events.md against the OpenAPI document, and against what the recorder writes."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from stack.process import plain_environment
from stack.whole import Stack
from tests.support.client import Client
from tests.support.openapi import document

REPOSITORY = Path(__file__).parents[2]
PAGE = (REPOSITORY / "docs" / "events.md").read_text(encoding="utf-8")


def _table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading."""
    section = re.split(r"^## ", PAGE, flags=re.MULTILINE)
    (found,) = (text for text in section if text.startswith(heading))
    rows = [line.strip("|").split("|") for line in found.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def _names(text: str) -> list[str]:
    return re.findall(r"`(\w+)`", text)


def _described(schema: str, member: str) -> set[str]:
    """The names that the OpenAPI document gives for a member."""
    return set(_names(document()["components"]["schemas"][schema]["properties"][member]["description"]))


def test_statuses() -> None:
    """The page should have the document's statuses, and end those that the document ends."""
    rows = {name: row[1] for row in _table("Statuses") for name in _names(row[0])}
    assert set(rows) == _described("Session", "status")
    assert {status for status, ended in rows.items() if ended == "true"} == _described("Session", "ended")


def test_types() -> None:
    """The page should have the document's event types, each once."""
    named = [name for row in _table("Event types") for name in _names(row[0])]
    assert len(named) == len(set(named))
    assert set(named) == _described("Event", "event_type")


@pytest.mark.parametrize(("command", "last"), [("echo out", "workflow_completed"), ("kill $$", "workflow_failed")])
def test_members_of_recorded_events(running_stack: Stack, client: Client, command: str, last: str) -> None:
    """Each event of a recording should have the members that the page says, and no others."""
    members = {name: row[1] for row in _table("event_data")[:-2] for name in _names(row[0])}
    session_id = uuid4()
    subprocess.run(
        [sys.executable, "-m", "recorder", "--id", str(session_id), "--", "sh", "-c", command],
        check=False,
        cwd=REPOSITORY,
        env={**plain_environment(), "DATABASE_URL": running_stack.database_url},
        capture_output=True,
    )
    items: list[dict[str, Any]] = client.page(session_id)["items"]
    assert items[0]["event_type"] == last
    for item in items:
        is_end = item["event_type"] in {"step_completed", "workflow_failed"} and command.startswith("kill")
        expected = {*_names(members[item["event_type"]]), *(["signal"] if is_end else [])}
        assert set(item["event_data"]) == expected, item["event_type"]
