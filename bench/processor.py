"""The processor time that servers spend: what a request costs, whatever else the machine does."""

import contextlib
from collections.abc import Mapping

import psutil

from stack.postgres import Cluster

POSTGRESQL = "PostgreSQL"

# Seconds by role.
Spent = dict[str, float]


def spent(pids: Mapping[str, int], server: Cluster) -> Spent:
    """What these processes and their children have taken so far; the database server's are all one role."""
    return {role: processor_seconds(pid) for role, pid in {**pids, POSTGRESQL: server.pid}.items()}


def between(before: Spent, after: Spent) -> Spent:
    """What was taken from one to the other."""
    return {role: seconds - before[role] for role, seconds in after.items()}


def processor_seconds(pid: int) -> float:
    """Of a process and its children, also of those that have ended."""
    parent = psutil.Process(pid)
    taken = 0.0
    for process in [parent, *parent.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            taken += times.user + times.system + times.children_user + times.children_system
    return taken
