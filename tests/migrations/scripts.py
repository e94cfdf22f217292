"""The migration scripts, run one by one as sqitch runs them, and what they leave in a database."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from addresses import conninfo
from stack import binaries
from stack.binaries import REPOSITORY, server_program
from stack.migrations import changes

MIGRATIONS = REPOSITORY / "db" / "migrations"
FINGERPRINT = Path(__file__).with_name("fingerprint.sql").read_text()


def script(kind: str, change: str) -> Path:
    """The `deploy`, `revert` or `verify` script of a change."""
    return MIGRATIONS / kind / f"{change}.sql"


def psql(dsn: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Psql with the options that sqitch gives it; the database in the environment."""
    return subprocess.run(
        [binaries.psql(), "--quiet", "--no-psqlrc", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, **conninfo.environment(dsn)},
    )


def run(dsn: str, *files: Path) -> None:
    """Scripts, one after the other; each must succeed."""
    result = psql(dsn, *(f"--file={file}" for file in files))
    assert result.returncode == 0, result.stdout


def deploy(dsn: str) -> None:
    """All deploy scripts, without sqitch: for tests that are not about it, and in a tenth of its time."""
    run(dsn, *(script("deploy", change) for change in changes()))


def revert(dsn: str) -> None:
    """All revert scripts, without sqitch."""
    run(dsn, *(script("revert", change) for change in reversed(changes())))


def query(dsn: str, statement: LiteralString) -> list[tuple[Any, ...]]:
    """All rows of a statement, in a connection of its own."""
    with psycopg.connect(dsn) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def dump(dsn: str) -> str:
    """The schema as pg_dump writes it, without sqitch's own."""
    result = subprocess.run(
        [server_program("pg_dump"), "--schema-only", "--exclude-schema=sqitch"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **conninfo.environment(dsn)},
    )
    return re.sub(r"^\\(un)?restrict .*\n", "", result.stdout, flags=re.MULTILINE)  # a new random word each time


def fingerprint(dsn: str) -> list[str]:
    """Every object of the database and every role of ours, one line each; what pg_dump would not show, too."""
    with psycopg.connect(dsn) as connection:
        return [row[0] for row in connection.execute(FINGERPRINT.encode())]
