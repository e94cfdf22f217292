"""A copy of the repository with a stack of its own, and the situations of the document in it."""

from collections.abc import Iterator

import psycopg
import pytest

from addresses import conninfo
from tests.dba.situations import Situations
from tests.support.programs import need
from tests.support.workplace import Workplace, workplace


@pytest.fixture(scope="module")
def place() -> Iterator[Workplace]:
    """A copy of the repository; what is started there ends with it."""
    need("curl")
    with workplace() as copy:
        try:
            yield copy
        finally:
            assert copy.bash("make down").returncode == 0


@pytest.fixture(scope="module")
def situations(place: Workplace) -> Iterator[Situations]:
    """Brings about what the document speaks of."""
    log = place.directory / ".local" / "postgrest.log"
    found = Situations(lambda name: psycopg.connect(owner(place), dbname=name), log)
    yield found
    found.close()


def owner(place: Workplace) -> str:
    """The way to the database that the copy's shell session has."""
    variables = place.environment()
    names = {"user": "PGUSER", "password": "PGPASSWORD", "host": "PGHOST", "port": "PGPORT", "dbname": "PGDATABASE"}
    return conninfo.uri({key: variables[name] for key, name in names.items()})
