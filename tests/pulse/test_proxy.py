"""What systemd hears of the proxy."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from stack.binaries import REPOSITORY
from stack.process import plain_environment
from stack.proxy import proxy
from tests.http.parts import OwnProxy, own_proxy
from tests.support.manager import Manager, manager
from tests.support.waiting import PATIENCE_SECONDS, wait_until

NOBODY = "unix:///nonexistent/postgrest"
WATCHDOG = 1.0
# Enough for the first process, too few for a loop of events.
FILES = 9


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[Manager]:
    """What the proxy takes for systemd."""
    with manager(tmp_path, watchdog=WATCHDOG) as listening:
        yield listening


@pytest.fixture(params=[1, 2])
def service(systemd: Manager, request: pytest.FixtureRequest) -> Iterator[OwnProxy]:
    """A proxy that systemd has started, of one process or several."""
    with own_proxy(NOBODY, {**systemd.environment, "PROXY_WORKERS": str(request.param)}) as started:
        yield started


def test_ready(systemd: Manager, service: OwnProxy) -> None:
    """It should say so when it serves, once, then that it is alive, and at the end that it was told to stop."""
    assert systemd.hears() == "READY=1"
    assert requests.get(f"{service.client.url}/live", timeout=60).status_code == 200
    assert {systemd.hears() for _ in range(3)} == {"WATCHDOG=1"}
    systemd.forgets()
    os.kill(service.process.pid, signal.SIGTERM)
    assert psutil.Process(service.process.pid).wait(PATIENCE_SECONDS) == 0
    assert [said for said in systemd.listens(0.1) if said != "WATCHDOG=1"] == ["STOPPING=1"]


def test_in_time(systemd: Manager, service: OwnProxy) -> None:
    """It should give two signs of life in the time of one, so that one may be late."""
    assert systemd.hears() == "READY=1"
    assert len(systemd.listens(3 * WATCHDOG)) > 3
    assert service.process.program.runs()


def test_paused(systemd: Manager, service: OwnProxy) -> None:
    """While it stands still there should be no sign of life, and one again when it goes on."""
    process = psutil.Process(service.process.pid)
    assert systemd.hears() == "READY=1"
    process.suspend()
    systemd.forgets()
    assert systemd.listens(2 * WATCHDOG) == []
    process.resume()
    assert systemd.hears() == "WATCHDOG=1"


def test_not_ready(systemd: Manager, tmp_path: Path) -> None:
    """One that listens, but whose workers cannot serve, should not be ready."""
    command = ["prlimit", f"--nofile={FILES}", sys.executable, "-m", "proxy"]
    settings = {"POSTGREST_URL": NOBODY, "PROXY_PORT": "0", "PROXY_WORKERS": "2"}
    env, log = {**plain_environment(), **systemd.environment, **settings}, tmp_path / "log"
    with log.open("wb") as output, subprocess.Popen(command, cwd=REPOSITORY, env=env, stderr=output) as own:
        try:
            wait_until(lambda: log.read_text().count("is replaced") > WATCHDOG * 3, "its workers fail")
            assert systemd.hears(WATCHDOG) is None
        finally:
            own.terminate()


def test_abstract_socket(tmp_path: Path) -> None:
    """A socket that is no file should be found too, as systemd's is in a container."""
    with (
        manager(tmp_path, watchdog=WATCHDOG, abstract=True) as systemd,
        proxy(NOBODY, env=systemd.environment),
    ):
        assert systemd.hears() == "READY=1"


def test_nobody_listens_any_more(tmp_path: Path) -> None:
    """A systemd that is gone should do the proxy no harm."""
    with manager(tmp_path, watchdog=WATCHDOG) as systemd, own_proxy(NOBODY, systemd.environment) as service:
        assert systemd.hears() == "READY=1"
        systemd.socket.close()
        for _ in range(4):
            threading.Event().wait(WATCHDOG / 2)
            assert requests.get(f"{service.client.url}/live", timeout=60).status_code == 200
        assert len(service.process.log_path.read_text().splitlines()) == 1
