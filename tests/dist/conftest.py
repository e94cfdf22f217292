"""The archive, built once."""

import subprocess
import sys
from pathlib import Path

import pytest

from stack.binaries import REPOSITORY


@pytest.fixture(scope="package")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make dist` builds."""
    directory = tmp_path_factory.mktemp("dist")
    command: list[str | Path] = [sys.executable, REPOSITORY / "tools" / "dist", directory]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (built,) = directory.iterdir()
    assert done.stdout == f"{built}\n"
    return built
