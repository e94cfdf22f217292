"""Makes PostgreSQL data directories: whole or not at all, and where the server's account can reach them."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from addresses import conninfo
from stack import rundir
from stack.account import REACHABLE, give_to_server, run_as_server, server_can_reach
from stack.binaries import server_major, server_program
from stack.errors import StackError

SUPERUSER = "testboost"
# What is thrown away soon may lie in memory instead (tools/test-data).
_ROOT = Path(os.environ.get("STACK_DATA", REACHABLE))


@contextmanager
def private_directory() -> Iterator[Path]:
    """A temporary directory that the server's account can enter (unlike pytest's tmp_path when root runs it)."""
    directory = Path(tempfile.mkdtemp(prefix=rundir.PREFIX, dir=_ROOT))
    try:
        give_to_server(directory)
        yield directory
    finally:
        shutil.rmtree(directory)


def initialise(data_dir: Path, settings: Mapping[str, str], major: str | None = None) -> None:
    """A new cluster of a major version whose superuser's random password stands in `password_file(data_dir)`."""
    with _placed(data_dir) as staging:
        password = password_file(data_dir)
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        _initdb(major or server_major(), staging, password.read_text(), sync=settings.get("fsync") != "off")
        with (staging / "postgresql.conf").open("a") as file:
            file.write("\ninclude 'stack.conf'\n")


def copy(source: str, data_dir: Path, major: str | None = None) -> None:
    """A standby's data directory, copied from the running server at `source` (a URI) and set to follow it."""
    with _placed(data_dir) as staging:
        # No crash of the machine has to be outlived, and nobody compares the copy with a manifest: a sixth of the work.
        options = ["-X", "stream", "-c", "fast", "--no-sync", "--no-manifest"]
        environment = conninfo.environment(source)
        result = run_as_server([server_program("pg_basebackup", major), "-D", staging, *options], env=environment)
        if result.returncode != 0:
            raise StackError(f"pg_basebackup failed:\n{result.stdout}")
        (staging / "server.log").unlink(missing_ok=True)  # the primary's
        # Not by -R: a newer pg_basebackup writes parameters that an older server does not know.
        with (staging / "postgresql.auto.conf").open("a") as file:
            file.write(f"primary_conninfo = '{source}'\n")
        (staging / "standby.signal").touch()
        give_to_server(staging / "standby.signal")


def major_of(data_dir: Path) -> str:
    """The major version of the server that made the data, and alone can run on it."""
    return (data_dir / "PG_VERSION").read_text().strip()


def password_file(data_dir: Path) -> Path:
    """Where the superuser's password is kept: beside the data, so that no copy of the data holds it."""
    return data_dir.with_name(f"{data_dir.name}.password")


@contextmanager
def _placed(data_dir: Path) -> Iterator[Path]:
    """An empty directory that becomes `data_dir`, itself or by a symbolic link, if the context ends well."""
    parent = data_dir.parent.resolve()
    parent.mkdir(parents=True, exist_ok=True)
    reachable = server_can_reach(parent)
    staging = Path(tempfile.mkdtemp(prefix=f"{rundir.PREFIX}data-", dir=parent if reachable else _ROOT))
    try:
        give_to_server(staging)
        yield staging
        data_dir.unlink(missing_ok=True)  # a link whose target is gone
        if reachable:
            staging.rename(data_dir)
        else:
            data_dir.symlink_to(staging)
    except BaseException:
        shutil.rmtree(staging)
        raise


def _initdb(major: str, directory: Path, password: str, *, sync: bool) -> None:
    options = [f"--username={SUPERUSER}", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
    with private_directory() as secret:
        file = secret / "password"
        file.write_text(password)
        give_to_server(file)
        options += [f"--pwfile={file}"] if sync else [f"--pwfile={file}", "--no-sync"]
        result = run_as_server([server_program("initdb", major), "-D", directory, *options])
    if result.returncode != 0:
        raise StackError(f"initdb failed:\n{result.stdout}")
