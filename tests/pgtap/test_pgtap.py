"""The database alone, tested in SQL: every file here through pg_prove, against a database that sqitch has just made."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from addresses import conninfo
from stack.binaries import REPOSITORY, psql
from tests.pgtap.conftest import PGTAP

FILES = sorted(Path(__file__).parent.glob("*.sql"))


@pytest.fixture(scope="module")
def environment(scratch_dsn: str) -> dict[str, str]:
    """The variables that lead psql to the database."""
    if not PGTAP:
        pytest.skip("there is no pgTAP: install the package 'postgresql-<major>-pgtap', of whatever major version")
    return {**os.environ, **conninfo.environment(scratch_dsn)}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_file(file: Path, environment: dict[str, str]) -> None:
    """Every assertion of a pgTAP file should hold."""
    pg_prove = shutil.which("pg_prove")
    assert pg_prove is not None, "install the package 'libtap-parser-sourcehandler-pgtap-perl'"
    result = subprocess.run(
        [pg_prove, "--psql-bin", psql(), "--failures", "--comments", "--nocolor", str(file)],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
    )
    if result.returncode != 0 or "Result: PASS" not in result.stdout:
        pytest.fail(f"\n{result.stdout}", pytrace=False)


def test_functions_have_files() -> None:
    """Every function should have a pgTAP file of its own name."""
    functions = {path.stem for path in (REPOSITORY / "db" / "functions").glob("*.sql")}
    assert functions <= {file.stem for file in FILES}
