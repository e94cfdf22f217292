"""The loops in the text of proxy/openapi.yaml and in the README, run as they stand there."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.proxy import proxy
from stack.whole import Stack
from tests.examples.program import lines, running
from tests.examples.story import assert_each_event_once
from tests.support.openapi import document
from tests.support.rows import Event, add_events, add_session

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")

Program = tuple[list[str | Path], dict[str, str]]
Loop = Callable[[str, UUID, Path], Program]


def _snippet(text: str, heading: str, language: str) -> str:
    """The first block of code in a language under a heading of a text."""
    found = re.search(rf"^#+ {heading}$.*?^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert found, heading
    return found[1]


def _javascript(by: str) -> Loop:
    def _program(server: str, session_id: UUID, directory: Path) -> Program:
        script = directory / "follow.mjs"
        script.write_text(
            f"{_snippet(document()['info']['description'], 'JavaScript', 'js')}\n"
            f"follow({json.dumps(f'{server}/api/v2/sessions/{session_id}/events')}, "
            f"(events) => events.forEach(({{ message }}) => console.log(message)), {{ by: {json.dumps(by)} }});\n"
        )
        return ["node", script], {}

    return _program


def _shell(by: str) -> Loop:
    def _program(server: str, session_id: UUID, directory: Path) -> Program:
        settings = {"SESSION_ID": str(session_id), "BASE": server, "BY": by, "TMPDIR": str(directory)}
        return ["sh", "-c", _snippet(document()["info"]["description"], "Shell", "sh")], settings

    return _program


def _readme(server: str, session_id: UUID, _directory: Path) -> Program:
    url = f"{server}/api/v2/sessions/{session_id}/events"
    return [sys.executable, "-c", _snippet(README, "Follow it", "python"), url], {}


BY_CURSOR = {"JavaScript": _javascript("cursor"), "shell": _shell("cursor"), "README": _readme}
LOOPS = {**BY_CURSOR, "JavaScript by time": _javascript("since"), "shell by time": _shell("since")}


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_each_event_is_printed_once(
    running_stack: Stack, writer: psycopg.Connection[Any], tmp_path: Path, loop: Loop
) -> None:
    """Each event should be printed once, as it comes, until the session has ended; then nothing more."""
    session_id = add_session(writer)
    command, settings = loop(running_stack.proxy_url, session_id, tmp_path)
    with running(command, settings) as process:
        assert_each_event_once(process, session_id, writer, running_stack.database_url)
        writer.execute("update public.sessions set status = 'completed' where id = %s", [session_id])
        assert process.communicate(timeout=60) == ("", "")
        assert process.returncode == 0


@pytest.mark.parametrize("loop", BY_CURSOR.values(), ids=BY_CURSOR)
def test_newest_telling_of_an_event_is_printed(
    running_stack: Stack, writer: psycopg.Connection[Any], tmp_path: Path, loop: Loop
) -> None:
    """An event whose row is changed should be printed again, as it is then."""
    session_id = add_session(writer)
    event = Event(message="as it was written")
    add_events(writer, session_id, [event])
    command, settings = loop(running_stack.proxy_url, session_id, tmp_path)
    with running(command, settings) as process:
        assert "as it was written" in lines(process, 1)[0]
        writer.execute("update public.events set message = 'as it was changed' where id = %s", [event.id])
        assert "as it was changed" in lines(process, 1)[0]


@pytest.mark.parametrize("loop", BY_CURSOR.values(), ids=BY_CURSOR)
def test_busy_server_is_asked_again(
    running_stack: Stack,
    writer: psycopg.Connection[Any],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    loop: Loop,
) -> None:
    """A 503 should end no loop: once the server can answer, the history should come."""
    session_id = add_session(writer)
    add_events(writer, session_id, [Event(message="at last")])
    # The path of a socket may not be long.
    socket = tmp_path_factory.mktemp("s") / "late"
    with proxy(f"unix://{socket}", log=tmp_path / "log") as waiting:
        command, settings = loop(waiting.url, session_id, tmp_path)
        with running(command, settings) as process:
            while "PostgREST is not reachable" not in waiting.log_path.read_text():
                assert process.poll() is None
            socket.symlink_to(running_stack.postgrest_url.removeprefix("unix://"))
            assert "at last" in lines(process, 1)[0]
