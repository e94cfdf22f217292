"""The loops in the text of proxy/openapi.yaml, run as they stand there."""

import json
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from stack.whole import Stack
from tests.examples.program import running
from tests.examples.story import assert_each_event_once
from tests.support.openapi import document
from tests.support.rows import add_session


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
    """What follow() calls back with should be each event once, as it comes."""
    session_id = add_session(writer)
    url = f"{running_stack.proxy_url}/api/v2/sessions/{session_id}/events"
    script = tmp_path / "follow.mjs"
    script.write_text(
        f"{_snippet('JavaScript', 'js')}\n"
        f"follow({json.dumps(url)}, (events) => events.forEach(({{ message }}) => console.log(message)), "
        f"{{ by: {json.dumps(by)} }});\n"
    )
    with running(["node", script], {}) as process:
        assert_each_event_once(process, session_id, writer, running_stack.database_url)


@pytest.mark.parametrize("by", ["cursor", "since"])
def test_shell_prints_each_event_once(running_stack: Stack, writer: psycopg.Connection[Any], by: str) -> None:
    """The loop of curl and jq should print each event once, as it comes."""
    session_id = add_session(writer)
    settings = {"SESSION_ID": str(session_id), "BASE": running_stack.proxy_url, "BY": by}
    with running(["sh", "-c", _snippet("Shell", "sh")], settings) as process:
        assert_each_event_once(process, session_id, writer, running_stack.database_url)
