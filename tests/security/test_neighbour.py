"""Another account on the same machine: it reaches neither the sockets, which ask nobody for a key, nor a secret."""

import os
import pwd
import socket
import stat
import subprocess
from pathlib import Path

import psycopg
import pytest

from addresses import conninfo
from stack.whole import Stack

# In a language whose interpreter every account can reach, unlike that of a .venv.
CONNECT = ["perl", "-MIO::Socket::UNIX", "-e", 'IO::Socket::UNIX->new(Peer => shift) or die "$!\\n"']


def sockets(running_stack: Stack) -> list[Path]:
    """The sockets of PostgREST and of PostgreSQL."""
    assert running_stack.cluster
    rest = Path(running_stack.postgrest_url.removeprefix("unix://"))
    return [rest, running_stack.cluster.socket_dir / f".s.PGSQL.{running_stack.cluster.port}"]


def for_others(path: Path) -> int:
    """What those may who are neither owner nor of its group."""
    return path.stat().st_mode & stat.S_IRWXO


def test_sockets_stand_where_only_their_owner_gets(running_stack: Stack) -> None:
    """Each socket should stand in a directory that is its owner's alone."""
    for path in sockets(running_stack):
        assert stat.S_ISSOCK(path.stat().st_mode)
        assert stat.S_IMODE(path.parent.stat().st_mode) & (stat.S_IRWXG | stat.S_IRWXO) == 0, path


def test_socket_of_postgrest_is_closed_by_itself(running_stack: Stack) -> None:
    """PostgREST's own socket should not be open to others either, wherever an operator puts it."""
    rest, _ = sockets(running_stack)
    assert for_others(rest) == 0


def test_another_account_cannot_connect(running_stack: Stack) -> None:
    """The kernel should refuse another account."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as another account")
    nobody = pwd.getpwnam("nobody")
    for path in sockets(running_stack):
        # Whoever runs the tests gets in, so that it is the account that is refused.
        with socket.socket(socket.AF_UNIX) as own:
            own.connect(str(path))
        result = subprocess.run(
            [*CONNECT, str(path)],
            check=False,
            capture_output=True,
            text=True,
            cwd="/",
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
        )
        assert result.returncode != 0
        assert result.stderr == "Permission denied\n", path


def test_tcp_needs_the_password(running_stack: Stack) -> None:
    """Where PostgreSQL listens on loopback no role should get in without its password."""
    owner = conninfo.parameters(running_stack.database_url)
    assert owner["host"] == "127.0.0.1"
    for user in (owner["user"], "session_events_authenticator"):
        for password in ("", "wrong"):
            way = conninfo.uri({**owner, "user": user, "password": password})
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(way).close()


def test_files(running_stack: Stack) -> None:
    """Data and passwords should be nobody else's to read."""
    assert running_stack.cluster
    data = running_stack.cluster.data_dir
    assert for_others(data) == 0
    password = data.with_name(f"{data.name}.password")
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
