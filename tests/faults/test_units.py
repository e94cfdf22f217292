"""What systemd is told on a server: units that it takes, that are locked in, and that start again what ends."""

import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pulse.silence import Silence
from stack import binaries
from stack.binaries import REPOSITORY
from stack.health import becomes_healthy, healthy
from stack.process import plain_environment
from stack.proxy import proxy
from stack.rundir import run_directory
from tests.faults.faults import BUSY, MOST_SECONDS_TO_HEALTH
from tests.faults.site import Site
from tests.support.waiting import wait_until

UNITS = REPOSITORY / "deploy" / "systemd"
NAMES = ("session-events-postgrest.service", "session-events-proxy.service")
HOME = "/opt/session-events/current"
MOST_EXPOSURE = 15  # of 100; with a tenth of it a unit could do nothing at all


@pytest.fixture(scope="module")
def analyze() -> str:
    """The program of systemd that checks units; whoever lacks it is told its package."""
    return shutil.which("systemd-analyze") or pytest.fail("systemd-analyze is not on PATH: apt-get install systemd")


def _settings(name: str, setting: str) -> list[str]:
    """What a unit says about a setting, in the order of its lines."""
    lines = (UNITS / name).read_text().replace("\\\n", "").splitlines()
    return [line.removeprefix(f"{setting}=") for line in lines if line.startswith(f"{setting}=")]


@pytest.mark.parametrize("name", NAMES)
def test_verify(analyze: str, name: str, tmp_path: Path) -> None:
    """Systemd should find nothing wrong in it."""
    for unit in NAMES:
        command, _, _ = _settings(unit, "ExecStart")[0].partition(" ")
        program = tmp_path / Path(command).name
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
        (tmp_path / unit).write_text((UNITS / unit).read_text().replace(command, str(program)))
    verify: list[str | Path] = [analyze, "verify", "--man=no", "--recursive-errors=no", tmp_path / name]
    result = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert (result.returncode, [line for line in result.stderr.splitlines() if name in line]) == (0, [])


@pytest.mark.parametrize("name", NAMES)
def test_security(analyze: str, name: str) -> None:
    """It should be able to do little beside its work."""
    options = ["--offline=yes", "--no-pager", f"--threshold={MOST_EXPOSURE}"]
    command: list[str | Path] = [analyze, "security", *options, UNITS / name]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("name", NAMES)
def test_never_given_up(name: str) -> None:
    """However often it ends it should be started again, within a second."""
    assert _settings(name, "StartLimitIntervalSec") == ["0"]
    assert _settings(name, "Restart") == ["always"]
    assert _settings(name, "RestartSec") == ["1"]


def test_hangs_as_it_does_elsewhere() -> None:
    """What counts as hung should be the same for systemd as for who looks after `make up` and after workers."""
    silence = Silence(1)
    assert _settings(NAMES[1], "TimeoutStartSec") == [str(_looks(silence))]
    silence.note(alive=True)
    assert [_settings(name, "WatchdogSec") for name in NAMES] == 2 * [[str(_looks(silence))]]


def _looks(silence: Silence) -> int:
    """How many looks find nothing until it hangs."""
    while not silence.hangs:
        silence.note(alive=False)
    return int(silence.seconds)


def test_no_secret_in_a_unit() -> None:
    """Secrets should come from files that are not the units, which everybody can read."""
    settings = [line for name in NAMES for line in (UNITS / name).read_text().splitlines() if "=" in line]
    assert not [line for line in settings if "DB_URI=" in line or "API_KEYS=" in line]
    assert [file for name in NAMES for file in _settings(name, "EnvironmentFile")] == [
        "/etc/session-events/postgrest.env",
        "/etc/session-events/proxy.env",
    ]


@dataclass
class Service:
    """A program that is started again whenever it ends, as systemd does it."""

    command: list[str]
    env: Mapping[str, str]
    pause: float
    stop: threading.Event = field(default_factory=threading.Event)
    starts: int = 0

    def run(self) -> None:
        """Keeps it running until told to stop."""
        while not self.stop.is_set():
            self.starts += 1
            silent = subprocess.DEVNULL
            with subprocess.Popen(self.command, env=self.env, stdout=silent, stderr=silent) as own:
                while own.poll() is None and not self.stop.wait(0.05):
                    pass
                own.terminate()
            self.stop.wait(self.pause)


@contextmanager
def _service(name: str, env: Mapping[str, str]) -> Iterator[Service]:
    """The unit's program with the unit's own settings, but for `env`."""
    settings = dict(line.split("=", 1) for line in _settings(name, "Environment"))
    (command,), (pause,) = _settings(name, "ExecStart"), _settings(name, "RestartSec")
    command = command.replace(f"{HOME}/postgrest/postgrest", str(binaries.postgrest()))
    command = command.replace(f"{HOME}/venv/bin/session-events-postgrest", f"{sys.executable} -m pulse")
    command = command.replace(HOME, str(REPOSITORY))
    service = Service(shlex.split(command), {**plain_environment(), **settings, **env}, float(pause))
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service
    finally:
        service.stop.set()
        thread.join()


def test_postgrest_comes_back(place: Site, tmp_path: Path) -> None:
    """As its unit says PostgREST should serve within three seconds of the database's return, after however long."""
    with run_directory(tmp_path / "run") as directory:
        socket = directory / "postgrest"
        uri = place.process("postgrest").environ()["PGRST_DB_URI"]
        env = {"PGRST_DB_URI": uri, "PGRST_SERVER_UNIX_SOCKET": str(socket)}
        with _service(NAMES[0], env) as service, proxy(f"unix://{socket}") as front:
            assert becomes_healthy(front.url, 30)
            place.server.stop()
            try:
                wait_until(lambda: not healthy(front.url), "it is not healthy")
                wait_until(lambda: service.starts >= 4, "it was started several times in vain")
            finally:
                place.server.start()
            back = time.monotonic()
            assert becomes_healthy(front.url, 30)
            assert time.monotonic() - back < MOST_SECONDS_TO_HEALTH * BUSY
