"""The README's commands and snippets, run as they stand, in a copy of the repository."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from stack.process import plain_environment
from tests.support.programs import need
from tests.support.workplace import Workplace, workplace

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]


def block(language: str) -> str:
    """The README's snippet of a language that is marked to be run."""
    (found,) = re.findall(rf"^<!-- run -->\n```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    return str(found)


def shown_answer() -> dict[str, Any]:
    """The answer that the README shows."""
    (found,) = re.findall(r"^```json\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    answer: dict[str, Any] = json.loads(found)
    return answer


def shape(value: Any) -> Any:
    """The names in a JSON value, without what they hold."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items() if name != "event_data"}
    return [shape(item) for item in value] if isinstance(value, list) else None


@pytest.fixture(scope="module")
def place() -> Iterator[Workplace]:
    """A copy of the repository with the stack up."""
    need("curl")
    with workplace() as copy:
        try:
            up = copy.bash("make up")
            assert up.returncode == 0, up.output
            yield copy
        finally:
            copy.bash("make down")


def test_request_and_loop(place: Workplace) -> None:
    """The request should answer as shown, and the polling loop should print each recorded event once, oldest first."""
    asked = place.bash(block("sh") + "\nexport ID PROXY_URL")
    assert asked.returncode == 0, asked.output
    answer = json.loads(asked.output[asked.output.index('{"items"') :])
    assert shape(answer) == shape(shown_answer())
    assert answer["items"][0]["message"] == shown_answer()["items"][0]["message"]

    url = f"{place.variable('PROXY_URL')}/api/v2/sessions/{place.variable('ID')}/events"
    command = [sys.executable, "-c", block("python"), url]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()
    assert [line.split()[1] for line in printed][-3:] == ["warning", "step_completed", "workflow_completed"]
    assert sorted(set(printed)) == sorted(printed) == printed


def test_demo_shows_a_session_that_grows() -> None:
    """`make demo` should print lines that work as they are, for sessions of which one grows, and end with Ctrl-C."""
    need("curl")
    with workplace() as copy:
        process = subprocess.Popen(
            ["make", "demo"],
            cwd=copy.directory,
            env={**plain_environment(), "PROXY_PORT": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            curls = _lines_with(process.stdout, "curl ", 3)
            for line in curls:
                answer = copy.bash(line)
                assert answer.returncode == 0, answer.output
            live = next(url for line in curls for url in re.findall(r"http[^'\" ]*/events", line))
            totals = {_total(copy, live)}
            while len(totals) < 2:
                totals.add(_total(copy, live))
        finally:
            # To the group, as a terminal does.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            rest, _ = process.communicate(timeout=90)
        assert process.returncode in {0, 130, -signal.SIGINT}, rest
        assert not list((copy.directory / ".local").glob("*.pid"))


def _total(copy: Workplace, url: str) -> int:
    return int(json.loads(copy.bash(f"curl -s '{url}?limit=1'").output)["pagination"]["total"])


def _lines_with(lines: Iterator[str], word: str, count: int) -> list[str]:
    """The first lines with a word in them, as soon as they are printed."""
    found: list[str] = []
    read = []
    for line in lines:
        read.append(line)
        if word in line:
            found.append(line[line.index(word) :].strip())
        if len(found) == count:
            return found
    pytest.fail(f"the output ended:\n{''.join(read)}")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    """Every relative link in a document should lead to a file that is there."""
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    local = [target for target in targets if "://" not in target]
    assert [target for target in local if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_make_knows_the_commands(document: Path) -> None:
    """Every `make` command in a document should be one that the Makefile has."""
    known = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z-]+)|^make ([a-z-]+)(?: +#.*)?$", text, re.MULTILINE))
    assert {inline or line for inline, line in named} <= known
