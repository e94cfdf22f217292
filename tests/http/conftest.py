"""Sessions for the topics, and a stack that may be broken."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stack.whole import stack
from tests.support.forced import FORCED
from tests.support.prepared import PrivateDirectory
from tests.support.rows import add_session

from .parts import OwnStack


@pytest.fixture
def session_id(writer: psycopg.Connection[Any]) -> UUID:
    """A running session without events."""
    return add_session(writer)


@pytest.fixture(scope="session")
def own_stack(prepared: PrivateDirectory) -> Iterator[OwnStack]:
    """A second stack; whoever breaks a part of it puts it back."""
    with prepared() as directory, stack(directory, env=FORCED) as running:
        yield OwnStack(running, directory)
