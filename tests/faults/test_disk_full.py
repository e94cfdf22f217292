"""The disk of the database is full, and has room again."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stack.account import give_to_server
from stack.datadir import private_directory
from stack.postgres import cluster as running_cluster
from tests.faults.faults import fault
from tests.faults.site import OWNER, Site, site
from tests.stack.conftest import Commands
from tests.support.long import long
from tests.support.waiting import wait_until

MEGABYTES = 200


@pytest.fixture
def disk() -> Iterator[Path]:
    """A file system of its own, which can be filled."""
    with private_directory() as directory:
        place = directory / "disk"
        place.mkdir()
        mount: list[str | Path] = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=755", "tmpfs", place]
        result = subprocess.run(mount, check=False, capture_output=True, text=True)
        if result.returncode != 0:
            pytest.skip(f"a file system cannot be mounted here, as root could: {result.stderr.strip()}")
        try:
            give_to_server(place)
            yield place
        finally:
            subprocess.run(["umount", place], check=True)


@long
def test_disk_full(request: pytest.FixtureRequest, disk: Path, make_commands: Callable[[], Commands]) -> None:
    """Where nothing can be written polls should be answered or refused, and all be well once there is room."""
    settings = {"min_wal_size": "32MB", "max_wal_size": "48MB"}
    with running_cluster(disk / "postgres", settings=settings) as server:
        server.create_database(OWNER)
        with (
            site(server, make_commands()) as place,
            fault(request, place, "PostgreSQL", "its disk full") as happened,
        ):
            filler = disk / "filler"
            with pytest.raises(OSError, match="No space left"):
                filler.write_bytes(bytes(MEGABYTES * 2**20))
            wait_until(lambda: happened.watch.writer.failures, "the writer is refused")
            happened.lasts(10)
            filler.unlink()
            wait_until(lambda: _is_up(place), "it takes connections")
            happened.is_back()


def _is_up(place: Site) -> bool:
    """Whether it takes connections; one that could not recover is started again, as whoever runs it would."""
    if not place.server.runs():
        place.server.start()
    return place.connects()
