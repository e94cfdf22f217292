"""The schema, through the real sqitch."""

import os
import subprocess
from urllib.parse import quote

from addresses import conninfo
from stack.binaries import REPOSITORY, sqitch
from stack.errors import StackError

# sqitch asks who deploys, and stops to do so, unless it is told.
DEPLOYER = {"SQITCH_FULLNAME": "Session Events API", "SQITCH_EMAIL": "session-events@localhost"}


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
    name = quote(conninfo.parameters(dsn).get("dbname", ""), safe="")
    result = subprocess.run(
        [sqitch(), action, "--target", f"db:pg:{name}", *options],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=REPOSITORY,
        env={**DEPLOYER, **os.environ, **conninfo.environment(dsn)},
    )
    if result.returncode != 0:
        raise StackError(f"sqitch {action} failed:\n{result.stdout.strip()}")
