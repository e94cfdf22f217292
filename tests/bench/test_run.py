"""The whole benchmark, in its mode of seconds."""

import re
import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest

from bench.cases import CASES
from bench.contenders import CONTENDERS, PRODUCT
from bench.document import PERFORMANCE
from bench.scale import QUICK
from bench.targets import TARGETS
from tests.support.long import long

from .conftest import ROOT, Run

pytestmark = long

TEXT = PERFORMANCE.read_text(encoding="utf-8")
KEYS = re.findall(r"<!-- bench: (\S+) -->", TEXT)
IMAGES = re.findall(r"\]\((images/\S+\.svg)\)", TEXT)
SPREAD = re.compile(r"[\d.,e-]+ \([\d.,e-]+-[\d.,e-]+\)")


def block(document: str, key: str) -> list[str]:
    """The lines between the marks of a table."""
    return document.partition(f"<!-- bench: {key} -->\n")[2].partition("<!-- end -->")[0].splitlines()


def cells(document: str, key: str) -> list[dict[str, str]]:
    """The rows of a table, by column."""
    header, _rule, *rows = [line[2:-2].split(" | ") for line in block(document, key) if line.startswith("|")]
    return [dict(zip(header, row, strict=True)) for row in rows]


@pytest.mark.parametrize("key", KEYS)
def test_each_place_of_the_document_is_filled_and_signed(run: Run, key: str) -> None:
    """Every marked place should get a table, also printed, with the command, the time and the commit that made it."""
    lines = block(run.document, key)
    assert lines[0].strip("*") in run.output
    assert cells(run.document, key)
    assert re.fullmatch(r"`python -m bench --quick --write` · 20\d\d-\d\d-\d\d \d\d:\d\d UTC · commit \S+", lines[-1])


def test_each_chart_of_the_document_is_drawn(run: Run) -> None:
    """Each chart should be an SVG with a bar and its spread for each contender of each case that has a target."""
    assert IMAGES
    for image in IMAGES:
        root = ET.fromstring((run.directory / image).read_text(encoding="utf-8"))  # noqa: S314  our own
        titles = [title.text or "" for title in root.iter("{http://www.w3.org/2000/svg}title")]
        assert len(titles) > len(CONTENDERS)
        assert all(SPREAD.search(title) for title in titles)


def test_all_contenders_meet_the_cases_that_they_take(run: Run) -> None:
    """Each contender should answer the cases that it takes without errors, and be compared with its spread."""
    ratios, speeds = cells(run.document, "ratios"), cells(run.document, "speeds")
    assert [row["request"] for row in ratios] == [case.name(QUICK) for case in CASES]
    for case, ratio, speed in zip(CASES, ratios, speeds, strict=True):
        for contender in CONTENDERS:
            expected = contender.takes(case)
            assert bool(SPREAD.fullmatch(ratio[contender.name])) == expected, (case, contender.name)
            assert bool(re.fullmatch(r"[\d.,]+", speed[contender.name])) == expected, (case, speed)


def test_each_target_is_measured(run: Run) -> None:
    """Each target should stand beside a measured value with its spread, and a word on whether it is met."""
    rows = cells(run.document, "targets")
    assert [row["case"] for row in rows] == [target.case for target in TARGETS]
    for row in rows:
        assert SPREAD.match(row["measured"]), row
        assert row["met"] in {"stretch", "yes", "no"}, row


def test_all_pollers_of_the_open_loop_are_answered(run: Run) -> None:
    """Each number of pollers should have polled as often as planned, found events of the writer, and met no error."""
    rows = [row for row in cells(run.document, "open-loop") if row["server"] == PRODUCT]
    assert [int(row["pollers"]) for row in rows] == list(QUICK.pollers)
    for row in rows:
        assert int(row["polls"]) == int(row["pollers"]) * QUICK.periods * QUICK.open_rounds, row
        assert row["errors"] == "0", row
        assert 0 < float(row["with events"]) <= 1, row


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
