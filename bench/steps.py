"""The migrations one by one, as sqitch.plan orders them, for databases that stop between two of them."""

import subprocess
from collections.abc import Iterable

from addresses import conninfo
from stack.binaries import REPOSITORY, psql
from stack.errors import StackError
from stack.process import plain_environment

# What the parent product has before any of ours.
PARENT = ("sessions", "steps", "events")


def deploy(dsn: str, names: Iterable[str]) -> None:
    """Runs these steps' deploy scripts.

    Raises:
        StackError: psql is missing, or a script failed; with what it said.
    """
    for name in names:
        script = REPOSITORY / "db/migrations/deploy" / f"{name}.sql"
        _psql(dsn, "--file", str(script))


def _psql(dsn: str, *arguments: str) -> None:
    command = [str(psql()), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *arguments]
    environment = {**plain_environment(), **conninfo.environment(dsn), "PGOPTIONS": "-c client_min_messages=warning"}
    result = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if result.returncode != 0:
        raise StackError(f"psql failed:\n{result.stderr.strip()}")
