"""The one error of this package."""

from pathlib import Path

_TAIL = 4000


class StackError(Exception):
    """A part cannot be found, started or stopped; the message says what to do about it."""


def tail(log: Path) -> str:
    """The last few thousand characters of a log, or a note that there is none."""
    try:
        text = log.read_text(errors="replace").strip()
    except OSError:
        return "(no log)"
    return text[-_TAIL:] or "(the log is empty)"
