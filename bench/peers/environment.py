"""The Python of the peer whose packages nothing else here needs: made at the first use, and anew when they change."""

import hashlib
import subprocess
import sys
from pathlib import Path

from stack.binaries import REPOSITORY
from stack.errors import StackError

_LOCK = REPOSITORY / "requirements" / "bench.txt"
_PLACE = REPOSITORY / ".local" / "bench"
_STAMP = _PLACE / ".installed"


def python() -> Path:
    """An interpreter with the packages of requirements/bench.txt.

    Raises:
        StackError: they cannot be installed; with what pip said.
    """
    found = _PLACE / "bin" / "python"
    wanted = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    if not (_STAMP.exists() and _STAMP.read_text() == wanted):
        _run(sys.executable, "-m", "venv", "--clear", _PLACE)
        _run(found, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes", "-r", _LOCK)
        _STAMP.write_text(wanted)
    return found


def _run(*command: str | Path) -> None:
    result = subprocess.run(command, check=False, capture_output=True, text=True)
    if result.returncode != 0:
        raise StackError(f"{_LOCK.name} cannot be installed:\n{result.stdout}{result.stderr}")
