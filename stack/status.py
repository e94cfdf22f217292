"""What runs, since when, and what had to be started again."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil

from stack import postmaster, supervisor
from stack.process import recorded
from stack.supervisor import FAILING, RUNNING, Report

_HEADINGS = ("part", "state", "pid", "uptime", "restarts", "")
_LINE = "{:<12}{:<10}{:>8}{:>18}{:>10}  {}"


def status(directory: Path) -> tuple[list[str], bool]:
    """A line for each part of the stack that was started in `directory`, and whether all of them run."""
    lines, well = [_LINE.format(*_HEADINGS).rstrip()], True
    for name, process, report in _parts(directory):
        state = report.state if process or report.state == FAILING else "dead"
        pid, uptime = (process.pid, _uptime(process)) if process else ("-", "-")
        said = "" if state == RUNNING else report.said
        lines.append(_LINE.format(name, state, pid, uptime, report.restarts, said).rstrip())
        well = well and state == RUNNING
    return lines, well


def _parts(directory: Path) -> Iterator[tuple[str, psutil.Process | None, Report]]:
    """The supervisor, then what it looks after; without it nobody starts anything again."""
    yield "stack", recorded(directory / "stack.pid") or recorded(directory / "foreground.pid"), Report()
    for name, report in supervisor.reports(directory).items():
        if name == "postgres":
            yield name, postmaster.running(directory / "postgres"), report
        else:
            yield name, recorded(directory / f"{name}.pid"), report


def _uptime(process: psutil.Process) -> str:
    try:
        return str(timedelta(seconds=max(0, round(time.time() - process.create_time()))))
    except psutil.NoSuchProcess:
        return "-"
