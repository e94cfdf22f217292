"""The processor time that servers spend: what a request costs, whatever else the machine does."""

from collections.abc import Mapping

import psutil

from stack.postgres import Cluster

POSTGRESQL = "PostgreSQL"

# Seconds since the start of each process, by role and pid.
Spent = dict[str, dict[int, float]]


def spent(pids: Mapping[str, int], server: Cluster) -> Spent:
    """What these processes have taken so far; all the backends of the database server are one role."""
    backends = [process.pid for process in psutil.Process(server.pid).children()]
    return {role: _seconds([pid]) for role, pid in pids.items()} | {POSTGRESQL: _seconds(backends)}


def between(before: Spent, after: Spent) -> dict[str, float]:
    """Seconds by role; a process that has ended meanwhile is left out."""
    return {
        role: sum(seconds - before[role].get(pid, 0) for pid, seconds in processes.items())
        for role, processes in after.items()
    }


def _seconds(pids: list[int]) -> dict[int, float]:
    found: dict[int, float] = {}
    for pid in pids:
        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.NoSuchProcess:
            continue
        found[pid] = times.user + times.system
    return found
