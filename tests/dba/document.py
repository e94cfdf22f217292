"""docs/dba.md as blocks that can be run, and what they must print.

A `sql` block is psql's input, a `bash` block runs in the top directory, with what earlier bash blocks have exported.
A `text` block is what the block before it prints: `…` stands for anything within a line, alone on a line for any lines;
runs of blanks and the rules of tables count as one. If a line begins with `ERROR:`, the block before must fail.
`<!-- given: name -->` before a block has tests/dba/situations.py bring about what the text speaks of;
`<!-- needs: extension -->` skips it where the server does not have that.
"""

import re
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "dba.md"
LANGUAGES = ("sql", "bash", "python")
PART = re.compile(
    r"^##+ (?P<heading>[^\n]+)$"
    r"|^<!-- (?P<remark>given|needs): (?P<value>\w+) -->$"
    r"|^```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass
class Block:
    """A fenced block; `expected` is the text block after it, `given` and `needs` are its remarks."""

    line: int
    heading: str
    language: str
    text: str
    given: str | None = None
    needs: str | None = None
    expected: str | None = None

    @property
    def must_fail(self) -> bool:
        """Whether the document shows an error."""
        return bool(re.search(r"^ERROR:", self.expected or "", re.MULTILINE))

    def __str__(self) -> str:
        """Where it stands, for the test's name."""
        return f"{self.line}-{re.sub(r'[^a-z]+', '-', self.heading.lower()).strip('-')}"


def blocks(path: Path = DOCUMENT) -> list[Block]:
    """All blocks that can be run, in order; those that print what is shown carry it.

    Raises:
        ValueError: a block of another language, an output or a remark that belongs to none.
    """
    found: list[Block] = []
    heading, remarks = "", dict[str, str]()
    document = path.read_text(encoding="utf-8")
    for part in PART.finditer(document):
        line = document.count("\n", 0, part.start()) + 1
        if part["heading"]:
            heading = part["heading"]
        elif part["remark"]:
            remarks[part["remark"]] = part["value"]
        elif part["language"] == "text" and found and found[-1].expected is None and not remarks:
            found[-1].expected = part["text"]
        elif part["language"] in LANGUAGES:
            found.append(Block(line, heading, part["language"], part["text"], **remarks))
            remarks = {}
        else:
            raise ValueError(f"{path.name}:{line}: a block that cannot be run, or an output of none")
    if remarks:
        raise ValueError(f"{path.name}: remarks without a block: {remarks}")
    return found


def prints(expected: str, output: str) -> bool:
    """Whether the output is what the document shows."""
    pattern = "".join(_pattern(line) for line in _lines(expected))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _lines(output))) is not None


def _pattern(line: str) -> str:
    if line == "…":
        return r"(?:[^\n]*\n)*?"
    return re.escape(line).replace("…", r"[^\n]*") + r"\n"


def _lines(text: str) -> list[str]:
    """Lines without what differs with the width of columns."""
    lines = (re.sub(r"^[-+]{2,}$", "------", " ".join(line.split())) for line in text.splitlines())
    return [line for line in lines if line]
