"""The loops in the text of proxy/openapi.yaml, run as they stand there."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.whole import Stack
from tests.examples.program import lines, running
from tests.support.openapi import document
from tests.support.rows import add_events, add_session, spread


def _snippet(heading: str, language: str) -> str:
    """The first block of code in a language under a heading of the text."""
    text: str = document()["info"]["description"]
    found = re.search(rf"^#+ {heading}$.*?^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert found, heading
    return found[1]


@pytest.mark.parametrize("by", ["cursor", "since"])
def test_javascript_gives_each_event_once(
    running_stack: Stack, writer: psycopg.Connection[Any], tmp_path: Path, by: str
) -> None:
    """follow() should call back with the history, then with what is new, oldest first."""
    session_id = add_session(writer)
    url = f"{running_stack.proxy_url}/api/v2/sessions/{session_id}/events"
    script = tmp_path / "follow.mjs"
    script.write_text(
        f"{_snippet('JavaScript', 'js')}\n"
        f"follow({json.dumps(url)}, (events) => events.forEach(({{ message }}) => console.log(message)), "
        f"{{ by: {json.dumps(by)} }});\n"
    )
    _assert_each_once(["node", script], {}, writer, session_id)


@pytest.mark.parametrize("by", ["cursor", "since"])
def test_shell_prints_each_event_once(running_stack: Stack, writer: psycopg.Connection[Any], by: str) -> None:
    """The loop of curl and jq should print the history, then what is new, oldest first."""
    session_id = add_session(writer)
    settings = {"SESSION_ID": str(session_id), "BASE": running_stack.proxy_url, "BY": by}
    _assert_each_once(["sh", "-c", _snippet("Shell", "sh")], settings, writer, session_id)


def _assert_each_once(
    command: Sequence[str | Path], settings: Mapping[str, str], writer: psycopg.Connection[Any], session_id: UUID
) -> None:
    """A history, a burst of several pages and one more event come once each and in order."""
    with running(command, settings) as process:
        for event_type, count in (("history", 3), ("burst", 2500), ("last", 1)):
            events = spread(count, event_type=event_type, start=datetime.now(UTC), seconds=1e-6)
            with writer.transaction():
                add_events(writer, session_id, events)
            printed = lines(process, count)
            assert [line for event, line in zip(events, printed, strict=True) if str(event.message) not in line] == []
