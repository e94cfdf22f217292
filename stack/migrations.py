"""The schema, through the real sqitch."""

import os
import subprocess
import sys
from typing import Any
from urllib.parse import quote

import psycopg

from addresses import conninfo
from stack.binaries import REPOSITORY, psql, sqitch
from stack.errors import StackError

# sqitch asks who deploys, and stops to do so, unless it is told.
DEPLOYER = {"SQITCH_FULLNAME": "Session Events API", "SQITCH_EMAIL": "session-events@localhost"}
# Nothing that sqitch runs beside our scripts looks into public first, whatever the database's own setting is.
_SEARCH_PATH = "-c search_path=pg_catalog,pg_temp"
_PRECONDITIONS = REPOSITORY / "db" / "migrations" / "verify" / "preconditions.sql"


def deploy(dsn: str) -> None:
    """Brings the database to the newest change of sqitch.plan."""
    _run(dsn, "deploy")


def revert(dsn: str, to: str | None = None) -> None:
    """Takes back every change, or those after the change `to`."""
    _run(dsn, "revert", "-y", *(["--to", to] if to else []))


def verify(dsn: str) -> None:
    """Proves that every deployed change is there."""
    _run(dsn, "verify")


def _run(dsn: str, action: str, *options: str) -> None:
    """Runs sqitch against `dsn`, which reaches it in the environment; StackError with its output if it fails."""
    values = conninfo.parameters(dsn)
    values["options"] = f"{values.get('options', os.environ.get('PGOPTIONS', ''))} {_SEARCH_PATH}".strip()
    dsn = conninfo.uri(values)
    _check(dsn)
    name = quote(values.get("dbname", ""), safe="")
    result = subprocess.run(
        [sqitch(), action, "--client", psql(), "--target", f"db:pg:{name}", *options],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        cwd=REPOSITORY,
        env={**DEPLOYER, **os.environ, **conninfo.environment(dsn)},
    )
    if result.returncode != 0:
        raise StackError(f"sqitch {action} failed:\n{result.stdout}{result.stderr}".rstrip())
    sys.stderr.write(result.stderr)  # warnings and notices of the scripts


def _check(dsn: str) -> None:
    """Raises a StackError where sqitch must not run: what it uses is somebody else's, or newer than its plan."""
    try:
        with psycopg.connect(dsn) as connection:
            connection.execute(_PRECONDITIONS.read_bytes())
            unknown = _deployed(connection).difference(changes())
    except psycopg.Error as error:
        hint = f"\n{error.diag.message_hint}" if error.diag.message_hint else ""
        raise StackError(f"{error.diag.message_primary or error}{hint}") from None
    if unknown:
        raise StackError(
            f"the database has changes that this version does not know: {', '.join(sorted(unknown))}; "
            "use the version that deployed them, or a newer one"
        )


def _deployed(connection: psycopg.Connection[Any]) -> set[str]:
    """The changes that are in the database, as far as sqitch's registry knows."""
    if connection.execute("select to_regclass('sqitch.changes')").fetchone() == (None,):
        return set()
    rows = connection.execute("select c.change from sqitch.changes as c where c.project = 'session_events'")
    return {change for (change,) in rows}


def changes() -> list[str]:
    """The names of the changes in sqitch.plan, in its order."""
    lines = (REPOSITORY / "sqitch.plan").read_text(encoding="utf-8").splitlines()
    return [line.split()[0] for line in lines if line and line[0] not in "%@#"]
