"""How many examples Hypothesis tries: HYPOTHESIS_PROFILE=ci (the default) or nightly."""

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import requests
from hypothesis import settings

from stack.whole import Stack
from tests.support.client import Client

# A database of examples would make a run depend on earlier ones; the blob that is printed brings a failure back.
settings.register_profile("ci", max_examples=100, deadline=None, database=None, print_blob=True)
settings.register_profile("nightly", settings.get_profile("ci"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="module")
def application(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection for all examples of a test: making one takes longer than an example."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def client(running_stack: Stack) -> Iterator[Client]:
    """A client that leaves all checks to the oracle: holding an answer to its schema takes longer than the poll."""
    with requests.Session() as session:
        yield Client(running_stack.proxy_url, session)
