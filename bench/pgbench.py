"""pgbench, and the latency of every transaction that it ran."""

import subprocess
import tempfile
from pathlib import Path
from statistics import fmean

from addresses import conninfo
from bench.load import Load
from bench.rounds import percentile
from stack.binaries import server_program
from stack.errors import StackError
from stack.process import plain_environment


def latencies(
    dsn: str, script: str, count: int, *, protocol: str = "prepared", connect: bool = False, options: str = ""
) -> list[float]:
    """Runs `script` `count` times on one connection, or on a new one each time; milliseconds, without connecting.

    `options` are PGOPTIONS.

    Raises:
        StackError: pgbench failed; with what it said.
    """
    words = [f"--protocol={protocol}", f"--transactions={count}", *(["--connect"] if connect else [])]
    return _logged(dsn, script, words, options)


def load(dsn: str, script: str, *, connections: int, seconds: float) -> Load:
    """Runs `script` on these connections for whole seconds, at least one."""
    words = ["--protocol=prepared", f"--client={connections}", f"--time={max(1, round(seconds))}"]
    taken = _logged(dsn, script, words)
    return Load(
        requests=len(taken),
        per_second=connections * 1000 / fmean(taken),
        p50=percentile(taken, 50),
        p95=percentile(taken, 95),
        p99=percentile(taken, 99),
        errors=0,
    )


def _logged(dsn: str, script: str, words: list[str], options: str = "") -> list[float]:
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "script.sql"
        file.write_text(script)
        command: list[str | Path] = [server_program("pgbench"), "--no-vacuum", "--log", f"--file={file}", *words]
        environment = {**plain_environment(), **conninfo.environment(dsn), "PGOPTIONS": options}
        result = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, cwd=scratch)
        if result.returncode != 0:
            raise StackError(f"pgbench failed:\n{result.stderr.strip()}")
        # client transaction microseconds script seconds microseconds
        lines = [line for log in Path(scratch).glob("pgbench_log.*") for line in log.read_text().splitlines()]
    return [int(line.split()[2]) / 1000 for line in lines]
