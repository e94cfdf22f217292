"""The faults as a table in docs/operations.md, between two marks."""

import re

import pytest

from stack.binaries import REPOSITORY
from tests.faults.faults import ROW

DOCUMENT = REPOSITORY / "docs" / "operations.md"
HEADINGS = (
    ("what", ":--"),
    ("how", ":--"),
    ("seconds", "--:"),
    ("polls", "--:"),
    ("not answered", "--:"),
    ("seen", ":--"),
    ("longest answer (s)", "--:"),
    ("healthy after (s)", "--:"),
)
MARKS = re.compile("<!-- faults -->\n.*?<!-- end -->", re.DOTALL)


class Table:
    """A plugin of pytest that collects the rows of the tests."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes the row of a test that has passed."""
        if report.when == "call" and report.passed:
            self.rows += [str(row).split(" | ") for name, row in report.user_properties if name == ROW]

    def write(self) -> None:
        """Puts the rows into the document."""
        lines = [
            "| " + " | ".join(heading for heading, _ in HEADINGS) + " |",
            "|" + "|".join(side for _, side in HEADINGS) + "|",
            *("| " + " | ".join(row) + " |" for row in self.rows),
        ]
        text, times = MARKS.subn("<!-- faults -->\n" + "\n".join(lines) + "\n<!-- end -->", DOCUMENT.read_text())
        if times != 1:
            raise SystemExit(f"{DOCUMENT.name} has {times} places for the table of faults; it needs one")
        DOCUMENT.write_text(text)
