"""A database of their own for the tests of the database alone."""

import psycopg
import pytest

from stack import migrations
from stack.postgres import Cluster


@pytest.fixture(scope="package")
def scratch_dsn(cluster: Cluster) -> str:
    """The owner's way to a migrated database that nobody else writes to, with pgTAP in it where the server has it."""
    cluster.create_database("pgtap")
    dsn = cluster.dsn("pgtap")
    migrations.deploy(dsn)
    with psycopg.connect(dsn) as connection:
        if connection.execute("select from pg_available_extensions where name = 'pgtap'").fetchone() is not None:
            connection.execute("create extension pgtap")
    return dsn
