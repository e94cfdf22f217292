"""The proxy's own connections to PostgREST, when what is between them fails."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from stack.whole import Stack
from tests.support.client import assert_problem

from .parts import OwnProxy, own_proxy
from .relay import Fate, Relay, relay


@pytest.fixture
def way(running_stack: Stack) -> Iterator[Relay]:
    """What the proxy takes for PostgREST."""
    with relay(running_stack.postgrest_url) as made:
        yield made


@pytest.fixture
def relayed(way: Relay) -> Iterator[OwnProxy]:
    """A proxy whose only way to PostgREST leads over the relay."""
    with own_proxy(way.url) as proxy:
        yield proxy


def hang_up(_answer: bytes) -> bytes:
    """Says nothing."""
    return b""


def cut(answer: bytes) -> bytes:
    """Breaks off in the middle of the body."""
    return answer[: answer.index(b"\r\n\r\n") + 60]


def cut_the_head(answer: bytes) -> bytes:
    """Breaks off in the middle of the head."""
    return answer[:40]


def garble(_answer: bytes) -> bytes:
    """Says what is no HTTP."""
    return b"garbage\r\n\r\n"


def say_more(answer: bytes) -> bytes:
    """Says more than was asked for."""
    return answer + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"


def say_goodbye(answer: bytes) -> bytes:
    """Says that no other request will be answered here."""
    return answer.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)


def test_kept(relayed: OwnProxy, way: Relay, session_id: UUID) -> None:
    """Polls one after the other should all go over one connection."""
    for _ in range(5):
        assert relayed.client.page(session_id)["items"] == []
    assert (way.asked, way.connections) == (5, 1)


def test_closed_while_it_is_used_again(relayed: OwnProxy, way: Relay, session_id: UUID) -> None:
    """A kept connection that ends just as it is used again should cost the client nothing."""
    way.fates = [bytes, hang_up]
    for _ in range(2):
        assert relayed.client.page(session_id)["items"] == []
    assert (way.asked, way.connections) == (3, 2)


@pytest.mark.parametrize("fate", [hang_up, cut_the_head, cut, garble])
def test_no_answer(relayed: OwnProxy, way: Relay, session_id: UUID, fate: Fate) -> None:
    """An answer that does not come, or not whole, should be a 503 and not asked for twice; the next poll goes well."""
    way.fates = [fate]
    assert assert_problem(relayed.client.get(session_id), 503)["type"] == "/docs#problem-unavailable"
    assert way.asked == 1
    assert relayed.client.page(session_id)["items"] == []


@pytest.mark.parametrize("fate", [cut_the_head, cut, garble])
def test_no_whole_answer_on_a_kept_connection(relayed: OwnProxy, way: Relay, session_id: UUID, fate: Fate) -> None:
    """An answer that has begun should not be asked for twice either where others have come before it."""
    way.fates = [bytes, fate]
    assert relayed.client.page(session_id)["items"] == []
    assert_problem(relayed.client.get(session_id), 503)
    assert way.asked == 2


@pytest.mark.parametrize("fate", [say_more, say_goodbye])
def test_not_used_again(relayed: OwnProxy, way: Relay, session_id: UUID, fate: Fate) -> None:
    """A connection that is at its end, or on which more comes than was asked for, should not be used again."""
    way.fates = [fate]
    for _ in range(3):
        assert relayed.client.page(session_id)["items"] == []
    assert way.asked == 3
    assert way.connections == 2
