"""The owner's view of the database."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.rows import DictRow, dict_row


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection[DictRow]]:
    """A connection that commits each statement and gives rows by their columns' names."""
    with psycopg.connect(database_url, autocommit=True, row_factory=dict_row) as connection:
        yield connection
