"""The TypeScript types are those of the document, and of use."""

import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = REPOSITORY / "examples"
TSC = REPOSITORY / "node_modules" / ".bin" / "tsc"


def _compile(source: Path) -> str:
    """What the compiler says of a file; nothing where all is well."""
    options = ["--noEmit", "--strict", "--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler"]
    return subprocess.run([TSC, *options, source], capture_output=True, text=True, check=False).stdout


def test_types_are_up_to_date(tmp_path: Path) -> None:
    """Generating the types again should give the file that is kept."""
    again = tmp_path / "session-events.d.ts"
    subprocess.run([REPOSITORY / "tools" / "generate-types", again], check=True, capture_output=True)
    kept = EXAMPLES / "session-events.d.ts"
    assert again.read_text() == kept.read_text(), "run tools/generate-types"


def test_sample_type_checks() -> None:
    """The sample that uses the types should compile under strict."""
    assert _compile(EXAMPLES / "typed-poll.ts") == ""


@pytest.mark.parametrize(
    ("right", "wrong"),
    [("pagination.total", "pagination.count"), ("limit: 10", 'limit: "ten"'), ("message ??", "text ??")],
)
def test_mistake_does_not_type_check(tmp_path: Path, right: str, wrong: str) -> None:
    """A name or a type that the API does not have should be refused by the compiler."""
    sample = (EXAMPLES / "typed-poll.ts").read_text()
    assert right in sample
    (tmp_path / "session-events.d.ts").write_bytes((EXAMPLES / "session-events.d.ts").read_bytes())
    (tmp_path / "typed-poll.ts").write_text(sample.replace(right, wrong))
    assert "error TS" in _compile(tmp_path / "typed-poll.ts")
