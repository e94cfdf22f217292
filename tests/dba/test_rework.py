"""A changed function on its way to databases that exist: `sqitch rework` as docs/dba.md says, and its traps."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from addresses import conninfo
from stack.binaries import REPOSITORY
from stack.postgres import Cluster
from tests.dba.document import blocks
from tests.support.workplace import Workplace, workplace

NAME, OLD, NEW = "refusal", "Check the id of the session", "Check the id;"
INCLUDES = re.compile(r"^\s*\\(ir?|include(_relative)?)\s", re.MULTILINE)


def stale_includes(root: Path) -> list[str]:
    """The scripts that load a function as it is now though they stand for an older one."""
    migrations = root / "db" / "migrations"
    frozen = [*migrations.glob("deploy/*@*.sql"), *migrations.glob("revert/*.sql")]
    return sorted(str(path.relative_to(migrations)) for path in frozen if INCLUDES.search(path.read_text()))


def unmarked(root: Path) -> list[str]:
    """The reworked deploy scripts without a line that names the tag: sqitch would take them for the old ones."""
    scripts = root / "db" / "migrations" / "deploy"
    versions = [path.stem.split("@") for path in scripts.glob("*@*.sql")]
    return sorted(name for name, tag in versions if tag not in (scripts / f"{name}.sql").read_text())


@pytest.fixture
def place(cluster: Cluster, database_url: str) -> Iterator[Workplace]:
    """A copy of the repository, with a released database on the tests' server: the stack's own, without its rows."""
    cluster.create_database("rework")
    with workplace() as copy:
        variables = conninfo.environment(database_url)
        copy.bash("".join(f"export {name}='{value}'\n" for name, value in variables.items()))
        succeeds(copy, "pg_dump --exclude-table-data='public.*' | psql --quiet --dbname=rework --set=ON_ERROR_STOP=1")
        succeeds(copy, "export PGDATABASE=rework && sqitch status")
        yield copy
    with psycopg.connect(cluster.dsn("postgres"), autocommit=True) as connection:
        connection.execute("drop database rework")


def succeeds(place: Workplace, script: str) -> str:
    """What a script prints that must succeed."""
    ran = place.bash(script)
    assert ran.returncode == 0, ran.output
    return ran.output


def deployed(place: Workplace) -> str:
    """Which body the database has: OLD or NEW."""
    body = succeeds(place, f"psql -Atc '\\sf events_internal.{NAME}'")
    (found,) = (text for text in (OLD, NEW) if text in body)
    return found


def documented(mark: str) -> str:
    """The one block of the document's section that contains `mark`."""
    (block,) = (block for block in blocks() if block.heading == "Ship a changed function" and mark in block.text)
    return block.text


def test_includes() -> None:
    """Only the newest deploy script of a change should include its function, and no revert script any."""
    assert stale_includes(REPOSITORY) == []


def test_marks() -> None:
    """A reworked deploy script should name the tag that it follows, or sqitch refuses it where the old one has run."""
    assert unmarked(REPOSITORY) == []


def test_rework(place: Workplace) -> None:
    """A rework should bring the new body and take back the old one, and each trap on the way should be seen."""
    succeeds(place, documented("sqitch rework"))

    assert unmarked(place.directory) == [NAME]
    refused = place.bash("sqitch deploy")
    assert refused.returncode != 0
    assert "changes_project_script_hash_key" in refused.output

    succeeds(place, f"cp -r db db.kept; echo '-- since v1.1.0' >>db/migrations/deploy/{NAME}.sql")
    assert stale_includes(place.directory) == [f"deploy/{NAME}@v1.1.0.sql", f"revert/{NAME}.sql"]
    succeeds(place, "sqitch deploy && sqitch revert -y --to @HEAD^")
    assert deployed(place) == NEW, "the trap does not bite any more: the document can be shortened"
    succeeds(place, "rm -r db && mv db.kept db")

    succeeds(place, documented("git show"))
    assert stale_includes(place.directory) == unmarked(place.directory) == []
    succeeds(place, "sqitch deploy")
    assert deployed(place) == NEW
    succeeds(place, "sqitch revert -y --to @HEAD^")
    assert deployed(place) == OLD
    succeeds(place, "sqitch deploy")
    assert deployed(place) == NEW
    succeeds(place, f"psql --quiet -v ON_ERROR_STOP=1 -f db/migrations/deploy/{NAME}@v1.1.0.sql")
    assert deployed(place) == OLD, "a database that is made anew passes through the old body"
