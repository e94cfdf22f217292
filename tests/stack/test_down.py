"""`make down` leaves no process and no socket; what was killed comes up again with its data."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
import requests

from stack.process import alive
from tests.support.client import Client
from tests.support.rows import add_events, add_session, newest_first, spread
from tests.support.waiting import wait_until

from .conftest import Commands


def _fill(environment: dict[str, str]) -> tuple[UUID, list[str]]:
    """A committed session; its id and those of its events, newest first."""
    events = spread(5)
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, events)
    return session_id, newest_first(events)


def _ids(environment: dict[str, str], session_id: UUID) -> list[str]:
    client = Client(environment["PROXY_URL"])
    with client.session:
        return client.ids(session_id)


def test_leaves_only_the_data(commands: Commands) -> None:
    """After `down` there should be no process, no socket, no stack.env and no listener; `up` should find the data."""
    environment = commands.up()
    session_id, ids = _fill(environment)
    processes, sockets = commands.processes(), commands.sockets()
    assert {"stack", "proxy", "postgrest"} < set(processes)
    assert [file.name for file in sockets if file.is_socket()]
    result = commands("down")
    assert (result.returncode, result.stderr) == (0, "")
    assert [name for name, process in processes.items() if alive(process)] == []
    assert [file for file in sockets if file.exists()] == []
    left = {file.name for file in commands.directory.iterdir()}
    assert not [name for name in left if name.endswith((".pid", ".env", ".sockets")) or name == "run"]
    with pytest.raises(requests.ConnectionError):
        requests.get(environment["PROXY_URL"], timeout=60)
    again = commands.up()
    assert _ids(again, session_id) == ids
    assert (commands.directory / "postgres.password").read_text() in again["DATABASE_URL"]


def test_when_nothing_is_up(make_commands: Callable[[], Commands]) -> None:
    """`down` where nothing is up, and has never been, should do nothing and succeed."""
    commands = make_commands()
    for _ in range(2):
        assert commands("down").returncode == 0


def test_after_kill_of_every_part(commands: Commands) -> None:
    """`up` after a kill -9 of every part should come up with all that was committed."""
    environment = commands.up()
    session_id, ids = _fill(environment)
    processes = commands.processes()
    commands.kill()
    again = commands.up()
    assert _ids(again, session_id) == ids
    assert not [name for name, process in processes.items() if alive(process)]


@pytest.mark.parametrize("name", ["proxy", "stack"])
def test_after_kill_of_one_part(commands: Commands, name: str) -> None:
    """`up` after a kill -9 of any one part should put it right, and leave no second copy of the others."""
    session_id, ids = _fill(commands.up())
    before = commands.processes()
    before[name].kill()
    assert _ids(commands.up(), session_id) == ids
    after = commands.processes()
    assert not [each for part, each in before.items() if alive(each) and each not in after.values()]


def test_down_after_kill(commands: Commands) -> None:
    """`down` after a kill -9 of the process that holds the parts should end the parts."""
    commands.up()
    processes = commands.processes()
    processes["stack"].kill()
    commands("down")
    assert [name for name, process in processes.items() if alive(process)] == []
    assert commands.sockets() == []


def test_leaves_no_temporary_file(make_prepared: Callable[[], Commands], tmp_path: Path) -> None:
    """A run should leave nothing among the temporary files, whether it is ended or killed."""
    commands = make_prepared()
    # The next start takes away the shared memory of the server that was killed.
    for kill in (True, False):
        commands.up({"TMPDIR": str(tmp_path)})
        if kill:
            commands.kill()
        assert commands("down").returncode == 0
        assert list(tmp_path.iterdir()) == []


def test_terminated(commands: Commands) -> None:
    """A SIGTERM to the process that holds the parts, as a shutdown of the machine sends it, should be a clean end."""
    commands.up()
    processes = commands.processes()
    processes["stack"].terminate()
    wait_until(lambda: not any(alive(process) for process in processes.values()), "every part ends")
    assert commands.sockets() == []
    assert not (commands.directory / "stack.env").exists()
