"""One short run of the whole benchmark, for all tests that look at what it wrote."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.document import PERFORMANCE

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Run:
    """What `python -m bench --quick --write FILE` printed, the document that it wrote, and where."""

    output: str
    document: str
    directory: Path


@pytest.fixture(scope="package")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of seconds that writes into a copy of docs/performance.md."""
    copy = tmp_path_factory.mktemp("bench") / PERFORMANCE.name
    shutil.copy(PERFORMANCE, copy)
    command = [sys.executable, "-m", "bench", "--quick", "--write", str(copy)]
    result = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    return Run(result.stdout, copy.read_text(encoding="utf-8"), copy.parent)
