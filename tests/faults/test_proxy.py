"""The proxy itself goes away, stands still, or can open nothing more."""

import resource
import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import requests

from stack.proxy import proxy
from tests.faults.faults import Fault
from tests.faults.site import Site
from tests.support.long import long
from tests.support.manager import manager
from tests.support.waiting import wait_until

Breaks = Callable[..., AbstractContextManager[Fault]]

DESCRIPTORS = 60
SECONDS = 5


def test_killed(place: Site, breaks: Breaks) -> None:
    """A proxy that is killed should be started again; its clients find nobody for a moment, and nothing else."""
    with breaks("The proxy", "killed", proxy_away=True) as fault:
        killed = place.process("proxy")
        killed.kill()
        place.replaced("proxy", killed)
        fault.is_back()


@long
def test_paused(place: Site, breaks: Breaks) -> None:
    """A proxy that stands still should keep its clients waiting, and answer them all when it goes on."""
    with breaks("The proxy", "paused (`SIGSTOP`)", proxy_away=True) as fault:
        process = place.process("proxy")
        process.suspend()
        fault.lasts(6)
        process.resume()
        fault.is_back()
        assert place.process("proxy") == process


@long
def test_worker_paused(place: Site, breaks: Breaks, tmp_path: Path) -> None:
    """One of several workers that stands still for long should be replaced; its clients find nobody for a moment."""
    url = place.commands.environment()["POSTGREST_URL"]
    with (
        manager(tmp_path, watchdog=10) as systemd,
        proxy(url, env={**systemd.environment, "PROXY_WORKERS": "3"}) as team,
    ):
        assert systemd.hears() == "READY=1"
        with breaks("A worker of three", "paused until it is replaced", proxy_away=True, proxy_url=team.url) as fault:
            worker = max(psutil.Process(team.pid).children(), key=lambda each: len(each.net_connections("inet")))
            worker.suspend()
            wait_until(lambda: not worker.is_running(), "it is replaced")
            fault.is_back()


@long
def test_out_of_descriptors(place: Site, breaks: Breaks) -> None:
    """A proxy that can open nothing more should go on for those who are there, without a spin, and recover."""
    process, parts = place.process("proxy"), urlsplit(place.proxy_url)
    before = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
    with breaks("The proxy", "out of file descriptors") as fault, ExitStack() as taken:
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS, before[1]))
        try:
            for _ in range(2 * DESCRIPTORS):
                taken.enter_context(socket.create_connection((parts.hostname or "", parts.port or 0)))
            wait_until(lambda: process.num_fds() >= DESCRIPTORS - 2, "it has no more")
            assert _busy(process, fault) < 0.5 * SECONDS
            taken.close()
            wait_until(lambda: _is_served(place), "a new client is served")
        finally:
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, before)
        fault.is_back()
    assert place.process("proxy") == process


def _busy(process: psutil.Process, fault: Fault) -> float:
    """The seconds of a processor that it takes in SECONDS."""
    began = time.monotonic()
    before = process.cpu_times()
    fault.lasts(SECONDS)
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) * SECONDS / (time.monotonic() - began)


def _is_served(place: Site) -> bool:
    try:
        return requests.get(f"{place.proxy_url}/live", timeout=5).status_code == 200
    except requests.RequestException:
        return False
