"""The whole benchmark, in its mode of seconds."""

import re
import subprocess
import sys

import pytest

from bench.document import PERFORMANCE

from .conftest import ROOT, Run

KEYS = re.findall(r"<!-- bench: (\S+) -->", PERFORMANCE.read_text(encoding="utf-8"))
SPREAD = re.compile(r"[\d.,e-]+ \([\d.,e-]+-[\d.,e-]+\)")


def block(document: str, key: str) -> list[str]:
    """The lines between the marks of a table."""
    return document.partition(f"<!-- bench: {key} -->\n")[2].partition("<!-- end -->")[0].splitlines()


def cells(document: str, key: str) -> list[dict[str, str]]:
    """The rows of a table, by column."""
    header, _rule, *rows = [line.strip("| ").split(" | ") for line in block(document, key) if line.startswith("|")]
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize("key", KEYS)
def test_each_place_of_the_document_is_filled_and_signed(run: Run, key: str) -> None:
    """Every marked place should get a table, also printed, with the command, the time and the commit that made it."""
    lines = block(run.document, key)
    assert lines[0].strip("*") in run.output
    assert cells(run.document, key)
    assert re.fullmatch(r"`python -m bench --quick --write` · 20\d\d-\d\d-\d\d \d\d:\d\d UTC · commit \S+", lines[-1])


@pytest.mark.parametrize("key", ["peers", "pollers"])
def test_contenders_are_compared_by_ratios_and_without_errors(run: Run, key: str) -> None:
    """Every contender should have answered every request, and be shown with the spread of its ratio."""
    for row in cells(run.document, key):
        assert row["errors"] == "0", row
        ratio = row["ratio to hand-written, parent's indexes"]
        assert SPREAD.fullmatch(ratio) or "one request every" in row["pollers"], row


def test_all_contenders_meet_each_question(run: Run) -> None:
    """Each question should be put to the product, to PostgREST alone and to both hand-written endpoints."""
    servers: dict[str, set[str]] = {}
    for row in cells(run.document, "peers"):
        servers.setdefault(row["request"], set()).add(row["server"].partition(",")[0])
    assert len(servers) == 5
    assert set(map(frozenset, servers.values())) == {
        frozenset({"this product", "PostgREST alone", "hand-written"}),
    }


def test_the_cursor_repeats_nothing_and_since_does(run: Run) -> None:
    """While somebody's transaction is open, a follower of the cursor should get no repeats, one of `timestamp` some."""
    repeats = {
        row["followed by"]: int(row["repeats"])
        for row in cells(run.document, "followers")
        if row["the transaction"] == "while it is open"
    }
    assert repeats["cursor"] == 0 < repeats["since"]


def test_an_unknown_part_is_refused_at_once() -> None:
    """A misspelt part should be named, with the parts that there are, before anything is started."""
    command = [sys.executable, "-m", "bench", "pears"]
    result = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 2
    assert "no such part: pears" in result.stderr
    assert result.stdout == ""
