"""The data of a stack that was up before: to make them takes five seconds of a processor, to copy them next to none."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from stack import datadir, migrations
from stack.datadir import private_directory
from stack.postgres import cluster
from stack.server import locked
from stack.whole import DATABASE

# Nobody works in it, so it can be copied at any time.
TEMPLATE = "prepared"

PrivateDirectory = Callable[[], AbstractContextManager[Path]]
_DATA = "postgres"


@contextmanager
def prepared_directory(shared: Path) -> Iterator[Path]:
    """A private directory with the data of a stack, copied from `shared`, where the first one of a run makes them."""
    with locked(shared):
        if not (shared / _DATA).exists():
            _make(shared)
    with private_directory() as directory:
        _copy(shared, directory)
        yield directory


def _make(shared: Path) -> None:
    with private_directory() as directory:
        with cluster(directory / _DATA) as server:
            server.create_database(TEMPLATE)
            migrations.deploy(server.dsn(TEMPLATE))
            server.create_database(DATABASE, template=TEMPLATE)
        server.log_path.unlink()
        _copy(directory, shared)


def _copy(source: Path, target: Path) -> None:
    """Copies the data, and the password that stands beside them."""
    password = datadir.password_file(source / _DATA)
    subprocess.run(["cp", "--archive", password, source / _DATA, target], check=True)
