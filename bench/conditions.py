"""What the figures were measured on and with."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg

from bench.databases import Databases
from bench.tables import Table
from stack import binaries
from stack.binaries import REPOSITORY


def describe(found: Databases, generator: str) -> Table:
    """The machine, and the versions of what ran on it."""
    with psycopg.connect(found.parent) as connection:
        row = connection.execute(
            "select current_setting('server_version'), current_setting('shared_buffers'), current_setting('fsync')"
        ).fetchone()
    version, buffers, fsync = row or ("", "", "")
    return Table(
        "conditions",
        "Measured on and with",
        ["what", "value"],
        [
            ["machine", f"{os.cpu_count()} cores of {_processor()}, {psutil.virtual_memory().total / 2**30:.0f} GiB"],
            ["load average at the end (this run included)", f"{os.getloadavg()[0]:.1f}"],
            ["PostgreSQL", f"{version}, shared_buffers {buffers}, fsync {fsync}, otherwise as it is installed"],
            ["PostgREST", _said([str(binaries.postgrest()), "--version"])],
            ["Python", platform.python_version()],
            ["load generator", generator],
        ],
    )


def origin(command: str) -> str:
    """The command that made the figures, when, and of what."""
    commit = _said(["git", "describe", "--always", "--dirty"]) or "unknown"
    return f"`{command}` · {datetime.now(UTC):%Y-%m-%d %H:%M UTC} · commit {commit}"


def _said(command: list[str]) -> str:
    """The first line of what a program prints, or nothing where it cannot be had."""
    try:
        result = subprocess.run(command, check=False, capture_output=True, text=True, cwd=REPOSITORY)
    except FileNotFoundError:
        return ""
    return (result.stdout.splitlines() or [""])[0]


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
