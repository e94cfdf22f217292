"""A database of their own for the tests of the database alone."""

from pathlib import Path

import pytest

from stack.postgres import Cluster
from tests.migrations.scripts import psql
from tests.support.prepared import TEMPLATE

# All of pgTAP is in this script, so that it serves servers of other versions than the package's too.
PGTAP = sorted(Path("/usr/share/postgresql").glob("*/extension/pgtap.sql"))[-1:]


@pytest.fixture(scope="package")
def scratch_dsn(cluster: Cluster) -> str:
    """The owner's way to a migrated database that nobody else writes to, with pgTAP in it where it is installed."""
    cluster.create_database("pgtap", template=TEMPLATE)
    dsn = cluster.dsn("pgtap")
    for script in PGTAP:
        result = psql(dsn, f"--file={script}")
        assert result.returncode == 0, result.stdout
    return dsn
