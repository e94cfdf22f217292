"""Servers of their own for large pages, and a session of large events."""

import base64
import hashlib
import json
import random
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
import requests

from stack.datadir import private_directory
from stack.postgrest import authenticator_uri, postgrest
from stack.proxy import proxy
from stack.whole import Stack
from tests.payloads.servers import Servers
from tests.support.client import Client
from tests.support.rows import START, Event, add_events, add_session

EVENTS = 100
MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def servers(database_url: str) -> Iterator[Servers]:
    """PostgREST and a proxy that nobody else has made grow; they take their time on a busy machine."""
    with (
        private_directory() as directory,
        postgrest(authenticator_uri(database_url), directory / "postgrest") as rest,
        proxy(rest.url, env={"REQUEST_TIMEOUT": "120"}) as front,
        requests.Session() as session,
    ):
        yield Servers(rest, front, Client(front.url, session))


@pytest.fixture(scope="module")
def client(running_stack: Stack) -> Iterator[Client]:
    """A client of the shared proxy that holds no answer to its schema, since that takes longer than the poll."""
    with requests.Session() as session:
        yield Client(running_stack.proxy_url, session)


@pytest.fixture(scope="package")
def megabytes(database_url: str) -> Iterator[UUID]:
    """A session of EVENTS events of a megabyte each, which no compression makes small; gone again at the end."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("set synchronous_commit = off")
        session_id = add_session(connection)
        add_events(connection, session_id, (_megabyte(number) for number in range(EVENTS)))
        yield session_id
        connection.execute("delete from public.sessions where id = %s", [session_id])
        connection.execute("vacuum public.events")


def _megabyte(number: int) -> Event:
    """An event whose JSON is a megabyte, and says itself what it must be."""
    noise = base64.b64encode(random.Random(number).randbytes(MEGABYTE * 3 // 4)).decode()
    data = {"payload": noise, "sha256": hashlib.sha256(noise.encode()).hexdigest()}
    return Event(timestamp=START + timedelta(seconds=number), event_data=json.dumps(data))
