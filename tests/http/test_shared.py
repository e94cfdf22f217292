"""Polls that share a call: each gets what a call of its own would have given, whoever else is in it."""

import re
import socket
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

import psutil
import psycopg
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from stack.postgrest import authenticator_uri, postgrest
from stack.rundir import run_directory
from tests.support.client import Client, assert_problem
from tests.support.rows import Event, add_events, add_session, spread
from tests.support.waiting import wait_until

from .parts import OwnProxy, OwnStack, locked, own_proxy, replaced, waiting

MANY = 1500
TOKENS = ("cursor", "next", "timestamp")


@dataclass(frozen=True)
class Poll:
    """A question, as a client asks it."""

    session_id: UUID | str
    parameters: dict[str, Any]

    def ask(self, client: Client) -> requests.Response:
        """The answer, over a connection of its own."""
        own = Client(client.url)
        with own.session:
            return own.get(self.session_id, **self.parameters)


NOBODYS = Poll(uuid.UUID(int=1), {"since": "2026-01-01T00:00:00Z"})


@pytest.fixture(scope="module")
def polls(own_stack: OwnStack) -> list[Poll]:
    """Polls of every kind that may come together: with nothing, little and much to tell, and with what is refused."""
    client = Client(own_stack.parts.proxy_url)
    with client.session, psycopg.connect(own_stack.parts.database_url, autocommit=True) as connection:
        empty, few, many = (add_session(connection) for _ in range(3))
        ended = add_session(connection, status="completed")
        before = {each: client.page(each)["cursor"] for each in (empty, few, many)}
        add_events(connection, few, [*spread(5), *spread(3, event_type="error")])
        add_events(connection, many, spread(MANY))
        now = {each: client.page(each) for each in (empty, few, many, ended)}
        gone = add_session(connection)
        cursor_of_gone = client.page(gone)["cursor"]
        connection.execute("delete from public.sessions where id = %s", [gone])
        walk = client.page(many, limit=40)["pagination"]["next"]
    idle = [Poll(each, {"cursor": page["cursor"]}) for each, page in now.items()]
    by_time = [Poll(each, {"since": page["timestamp"]}) for each, page in now.items()]
    new = [
        Poll(few, {"cursor": before[few], **more}) for more in ({}, {"limit": 3}, {"limit": 3, "page": 2}, {"page": 9})
    ]
    typed = [Poll(few, {"cursor": before[few], "event_type": each}) for each in ("error", "warning")]
    much = [Poll(many, {"cursor": before[many]}), Poll(many, {"since": "2020-01-01T00:00:00Z", "limit": 700})]
    alone = [Poll(few, {}), Poll(many, {"limit": 40}), Poll(many, {"next": walk}), Poll(empty, {})]
    refused = [
        Poll(uuid.uuid4(), {"since": "2026-01-01T00:00:00Z"}),
        Poll(gone, {"cursor": cursor_of_gone}),
        Poll(few, {"cursor": now[empty]["cursor"]}),
        Poll(few, {"cursor": before[few][:-8] + "AAAAAAAA"}),
        Poll(few, {"cursor": "x"}),
        Poll(few, {"cursor": "MmMg" + before[few][4:]}),
        Poll(few, {"next": before[few]}),
        Poll(few, {"next": "A" * 4000}),
        Poll(few, {"since": "now"}),
        Poll("nonsense", {"cursor": before[few]}),
    ]
    return [*idle, *by_time, *new, *typed, *much, *alone, *refused]


@pytest.fixture(scope="module", params=[None, "1", "3"], ids=["as ever", "one", "three"])
def sharing(own_stack: OwnStack, request: pytest.FixtureRequest) -> Iterator[OwnProxy]:
    """A proxy with calls of the usual size, of one poll, and of three."""
    env = {"POLLS_PER_CALL": request.param} if request.param else {}
    with own_proxy(own_stack.parts.postgrest_url, env) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def usual(own_stack: OwnStack) -> Iterator[OwnProxy]:
    """A proxy as it comes."""
    with own_proxy(own_stack.parts.postgrest_url) as proxy:
        yield proxy


def gather(own_stack: OwnStack, proxy: OwnProxy, polls: Sequence[Poll]) -> list[requests.Response]:
    """The answers to polls that wait for one another, since the call before theirs waits for a lock."""
    (somebodys,) = _followers(own_stack, 1)
    with ThreadPoolExecutor(len(polls) + 1) as pool:
        with locked(own_stack.parts.database_url) as connection:
            first = pool.submit(somebodys.ask, proxy.client)
            wait_until(lambda: waiting(connection) == 1)
            answers = [pool.submit(poll.ask, proxy.client) for poll in polls]
            arrived(proxy, len(polls) + 1)
        assert first.result(timeout=60).status_code == 200
        return [answer.result(timeout=60) for answer in answers]


def arrived(proxy: OwnProxy, connections: int) -> None:
    """Waits until so many clients are connected, and what they have sent by then has been read."""
    process = psutil.Process(proxy.process.pid)

    def _connected() -> bool:
        inet = process.net_connections("inet")
        return sum(each.status == psutil.CONN_ESTABLISHED for each in inet) >= connections

    wait_until(_connected)
    for _ in range(3):
        assert requests.get(f"{proxy.client.url}/openapi.json", timeout=60).status_code == 200


def calls(answers: Sequence[requests.Response]) -> set[tuple[str, ...]]:
    """What those that shared a call have the same: the time in the database, and when that was."""
    return {
        (*re.findall(r"db;dur=([\d.]+)", answer.headers["Server-Timing"]), answer.json()["timestamp"])
        for answer in answers
    }


def _content(response: requests.Response) -> tuple[int, object]:
    """Status and body, without what differs between any two answers."""
    body: dict[str, Any] = response.json()
    body.pop("request_id", None)
    for name in TOKENS:
        body.pop(name, None)
    if "pagination" in body:
        body["pagination"]["next"] = body["pagination"]["next"] is not None
    return response.status_code, body


def _follow(client: Client, poll: Poll, response: requests.Response) -> list[object]:
    """Where the tokens of an answer lead."""
    body = response.json()
    tokens = {"cursor": body.get("cursor"), "next": body.get("pagination", {}).get("next")}
    found = [client.get(poll.session_id, **{name: token}) for name, token in tokens.items() if token]
    return [_content(each) for each in found]


@given(data=st.data())
@settings(max_examples=8, deadline=None)
def test_as_if_alone(own_stack: OwnStack, sharing: OwnProxy, polls: list[Poll], data: st.DataObject) -> None:
    """Whatever shares a call, each should get the answer of a call of its own, and tokens that lead to the same."""
    asked: Sequence[Poll] = data.draw(st.lists(st.sampled_from(polls), min_size=2, max_size=24))
    for poll, response in zip(asked, gather(own_stack, sharing, asked), strict=True):
        alone = poll.ask(sharing.client)
        assert _content(response) == _content(alone)
        assert _follow(sharing.client, poll, response) == _follow(sharing.client, poll, alone)


def _followers(own_stack: OwnStack, count: int) -> list[Poll]:
    """Polls of as many sessions that have nothing new."""
    since = "2026-01-01T00:00:00Z"
    with psycopg.connect(own_stack.parts.database_url) as connection:
        return [Poll(add_session(connection), {"since": since}) for _ in range(count)]


def test_go_together(own_stack: OwnStack, usual: OwnProxy) -> None:
    """Polls that arrive while a call is under way should share the next one."""
    assert len(calls(gather(own_stack, usual, _followers(own_stack, 30)))) == 1


def test_bounded(own_stack: OwnStack, usual: OwnProxy) -> None:
    """More than may share a call should take as many calls as they need."""
    answers = gather(own_stack, usual, _followers(own_stack, 150))
    assert {answer.status_code for answer in answers} == {200}
    assert len(calls(answers)) == 3


def test_long_tokens(own_stack: OwnStack, usual: OwnProxy) -> None:
    """However long they are, what shares a call should be no more than PostgREST reads."""
    polls = [Poll(uuid.uuid4(), {"cursor": f"{number:x}".rjust(4000, "A")}) for number in range(40)]
    for answer in gather(own_stack, usual, polls):
        assert assert_problem(answer, 400, "cursor")["type"] == "/docs#problem-cursor-malformed"
    assert "PostgREST" not in usual.process.log_path.read_text()


def test_equal_ones_are_computed_once(own_stack: OwnStack) -> None:
    """Equal polls should cost one call between them, also where a call has one poll only, or goes alone."""
    with own_proxy(own_stack.parts.postgrest_url, {"POLLS_PER_CALL": "1", "PGRST_DB_POOL": "3"}) as proxy:
        (follower,) = _followers(own_stack, 1)
        answers = gather(own_stack, proxy, [follower] * 20)
        assert len({answer.text for answer in answers}) == len(calls(answers)) == 1
        with locked(own_stack.parts.database_url) as connection, ThreadPoolExecutor(21) as pool:
            first = pool.submit(Poll(follower.session_id, {"limit": 7}).ask, proxy.client)
            wait_until(lambda: waiting(connection) == 1)
            equal = [pool.submit(Poll(follower.session_id, {}).ask, proxy.client) for _ in range(20)]
            arrived(proxy, 21)
            connection.rollback()
            answers = [each.result(timeout=60) for each in equal]
        assert first.result(timeout=60).status_code == 200
        assert len({answer.text for answer in answers}) == len(calls(answers)) == 1


def test_much_to_tell_leaves(own_stack: OwnStack, usual: OwnProxy) -> None:
    """A poll with much to tell should be answered whole, by a call that the others do not wait for."""
    with psycopg.connect(own_stack.parts.database_url) as connection:
        session_id = add_session(connection)
        add_events(connection, session_id, spread(MANY))
    heavy = Poll(session_id, {"since": "2020-01-01T00:00:00Z", "limit": 1000})
    told, *others = gather(own_stack, usual, [heavy, *_followers(own_stack, 5)])
    body = told.json()
    assert (body["pagination"]["total"], len(body["items"])) == (MANY, 1000)
    assert len(calls(others)) == 1
    assert not calls(others) & calls([told])


def test_never_a_call_that_had_begun(own_stack: OwnStack, usual: OwnProxy) -> None:
    """No poll should join a call that had begun when it came: what was written before it must be in its answer."""
    polls = _followers(own_stack, 4)

    def _write_and_ask(number: int) -> None:
        poll = polls[number % len(polls)]
        with psycopg.connect(own_stack.parts.database_url, autocommit=True) as connection:
            for _ in range(10):
                event = Event(timestamp="2026-02-01T00:00:00Z")
                add_events(connection, UUID(str(poll.session_id)), [event])
                page = poll.ask(usual.client).json()
                assert str(event.id) in {item["id"] for item in page["items"]}

    with ThreadPoolExecutor(12) as pool:
        for done in [pool.submit(_write_and_ask, number) for number in range(12)]:
            done.result(timeout=120)


@pytest.fixture
def poison(own_stack: OwnStack) -> Iterator[Poll]:
    """A poll that PostgreSQL fails at, as nobody has foreseen."""
    failing = "RETURN 1 / length(replace(p_status, 'poison', '')) >= 0"
    with (
        psycopg.connect(own_stack.parts.database_url, autocommit=True) as connection,
        replaced(connection, "events_internal.has_ended", "RETURN .*", failing),
    ):
        yield Poll(add_session(connection, status="poison"), {"since": "2026-01-01T00:00:00Z"})


def test_poison(own_stack: OwnStack, usual: OwnProxy, poison: Poll) -> None:
    """A poll that makes its call fail should fail alone."""
    bad, *others = gather(own_stack, usual, [poison, *_followers(own_stack, 5)])
    assert assert_problem(bad, 503)["type"] == "/docs#problem-unavailable"
    assert {answer.status_code for answer in others} == {200}


def test_statement_timeout(own_stack: OwnStack, tmp_path: Path) -> None:
    """A shared call that PostgreSQL ends should be tried again poll by poll; who is too slow even so gets a 504."""
    polls = _followers(own_stack, 3)
    with psycopg.connect(own_stack.parts.database_url, autocommit=True) as connection:
        connection.execute("alter role session_events_reader set statement_timeout = '300ms'")
        try:
            uri = authenticator_uri(own_stack.parts.database_url)
            with (
                run_directory(tmp_path / "run") as directory,
                postgrest(uri, directory / "postgrest") as rest,
                own_proxy(rest.url) as proxy,
                ThreadPoolExecutor(3) as pool,
            ):
                with locked(own_stack.parts.database_url):
                    slow = [pool.submit(poll.ask, proxy.client) for poll in polls]
                    for each in slow:
                        assert_problem(each.result(timeout=60), 504)
                assert {poll.ask(proxy.client).status_code for poll in polls} == {200}
        finally:
            connection.execute("alter role session_events_reader set statement_timeout = '10s'")


def test_postgrest_dies(own_stack: OwnStack, tmp_path: Path) -> None:
    """Without PostgREST all who are in the call, and all who wait, should be told so at once."""
    polls = _followers(own_stack, 6)
    uri = authenticator_uri(own_stack.parts.database_url)
    with (
        run_directory(tmp_path / "run") as directory,
        postgrest(uri, directory / "postgrest") as rest,
        own_proxy(rest.url) as proxy,
        ThreadPoolExecutor(6) as pool,
        locked(own_stack.parts.database_url) as connection,
    ):
        asked = [pool.submit(polls[0].ask, proxy.client)]
        wait_until(lambda: waiting(connection) == 1)
        asked += [pool.submit(poll.ask, proxy.client) for poll in polls[1:]]
        arrived(proxy, 6)
        psutil.Process(rest.pid).kill()
        for each in asked:
            assert assert_problem(each.result(timeout=60), 503)["type"] == "/docs#problem-unavailable"


def test_hanging_up(own_stack: OwnStack, usual: OwnProxy) -> None:
    """Clients that leave while their poll is waiting should cost the others nothing."""
    followers = _followers(own_stack, 6)
    parts = urlsplit(usual.client.url)
    with ThreadPoolExecutor(4) as pool:
        with locked(own_stack.parts.database_url) as connection:
            first = pool.submit(followers[0].ask, usual.client)
            wait_until(lambda: waiting(connection) == 1)
            # Some ask for what another asks too, some for something of their own.
            for poll in followers[1:]:
                with socket.create_connection((parts.hostname or "", parts.port or 0)) as leaving:
                    path = f"{urlsplit(usual.client.events_url(poll.session_id)).path}?{urlencode(poll.parameters)}"
                    leaving.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            staying = [pool.submit(poll.ask, usual.client) for poll in followers[1:4]]
            arrived(usual, 4)
        assert {answer.result(timeout=60).status_code for answer in [first, *staying]} == {200}
    assert "Traceback" not in usual.process.log_path.read_text()
