"""Short private directories for unix sockets, whose paths may be no longer than about 100 characters."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stack.errors import StackError

PARENT = Path("/tmp")  # noqa: S108  TMPDIR may be long; mkdtemp makes the name private
PREFIX = "session-events-"


def make(record: Path) -> Path:
    """Makes a directory and remembers it as the symbolic link `record`; one left from a killed process goes first."""
    remove(record)
    if record.exists():
        raise StackError(f"{record} is in the way, and none of ours: move it away")
    directory = Path(tempfile.mkdtemp(prefix=PREFIX, dir=PARENT))
    record.symlink_to(directory)
    return directory


def remove(record: Path) -> None:
    """Removes the directory that `record` names, and `record`; does nothing where there is none."""
    if not record.is_symlink():
        return
    directory = record.readlink()
    if directory.parent == PARENT and directory.name.startswith(PREFIX):
        shutil.rmtree(directory, ignore_errors=True)
    record.unlink()


@contextmanager
def run_directory(record: Path) -> Iterator[Path]:
    """A directory for the time of the context."""
    try:
        yield make(record)
    finally:
        remove(record)
