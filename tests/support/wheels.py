"""Wheels of this repository, and environments that have nothing else of it."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from stack.process import plain_environment

NOT_BUILT = shutil.ignore_patterns(".*", "__pycache__", "build", "node_modules")


def run(*command: str | Path, cwd: Path | None = None, **env: str) -> str:
    """What a command prints, which must succeed; without our settings."""
    done = subprocess.run(
        [str(word) for word in command],
        check=False,
        cwd=cwd,
        env={**plain_environment(), **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def build_wheel(sources: Path, directory: Path) -> Path:
    """The wheel of a project, built from a copy in `directory`, since building leaves files beside the sources."""
    shutil.copytree(sources, directory / "sources", ignore=NOT_BUILT)
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    run(sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", directory, directory / "sources")
    (built,) = directory.glob("*.whl")
    return built


def environment_with(wheel: Path, directory: Path) -> Path:
    """A fresh environment with a wheel; what it depends on is lent from ours, so that no registry is needed."""
    venv.create(directory)
    lent = directory / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages" / "lent.pth"
    lent.write_text(sysconfig.get_path("purelib"))
    python = directory / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    return directory
