"""gzip where the client accepts it and the body is large enough to pay."""

import gzip
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.support.client import Client
from tests.support.rows import Event, add_events, spread

from . import wire

Writer = psycopg.Connection[Any]


@pytest.fixture
def large(writer: Writer, session_id: UUID) -> UUID:
    """A session whose page is worth compressing."""
    add_events(writer, session_id, spread(50))
    return session_id


NAMED = ["gzip", "GZIP", "gzip, deflate, br", "br;q=1.0, gzip;q=0.5", "gzip;q=0.001", "gzip; q=1", "deflate,gzip"]
BY_STAR = ["*", "identity;q=0.5, *;q=0.1", "gzip;q=1, *;q=0", "*;q=0, gzip"]


@pytest.mark.parametrize("accepted", [*NAMED, *BY_STAR])
def test_accepted(client: Client, large: UUID, accepted: str) -> None:
    """It should be sent where it is named with a quality above 0, or all are."""
    response = client.get(large, headers={"Accept-Encoding": accepted})
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.json()["pagination"]["returned"] == 50


REFUSED = ["identity", "gzip;q=0", "gzip;q=0.0", "gzip; q=0.000", "*;q=0", "*, gzip;q=0", "br, deflate"]
NONSENSE = ["", "gzippy", "gzip;q=high", ",;="]


@pytest.mark.parametrize("accepted", [*REFUSED, *NONSENSE])
def test_not_accepted(client: Client, large: UUID, accepted: str) -> None:
    """It should not be sent where it is refused, not named or nonsense; Vary should say that it depends."""
    response = client.get(large, headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in response.headers
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.json()["pagination"]["returned"] == 50


def test_without_the_header(client: Client, large: UUID) -> None:
    """A client that says nothing should get plain JSON."""
    response = wire.get(client.url, f"/api/v2/sessions/{large}/events".encode())
    assert "Content-Encoding" not in response.headers
    assert response.content.startswith(b'{"items":[{"id":')


def test_small_bodies_stay_plain(client: Client, session_id: UUID) -> None:
    """A body of a few hundred bytes should not be compressed, but vary all the same."""
    response = client.get(session_id, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in response.headers
    assert response.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("size", [100, 5_000, 500_000])
def test_same_content(client: Client, writer: Writer, session_id: UUID, size: int) -> None:
    """Decompressed, an answer should be the plain one byte for byte, up to the moment that it is of."""
    add_events(writer, session_id, [*spread(50), Event(event_data={"log": "é" * size})])
    path = f"/api/v2/sessions/{session_id}/events".encode()
    plain = wire.get(client.url, path)
    packed = wire.get(client.url, path, b"Accept-Encoding: gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.content) < len(plain.content)
    assert _lasting(gzip.decompress(packed.content)) == _lasting(plain.content)
    assert packed.headers["ETag"] == plain.headers["ETag"]


def _lasting(body: bytes) -> bytes:
    """Items and pagination."""
    return body.rpartition(b',"timestamp":')[0]
