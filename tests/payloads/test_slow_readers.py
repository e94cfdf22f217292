"""Clients that ask for large pages and do not read them."""

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit
from uuid import UUID

import requests

from tests.payloads.conftest import MEGABYTE
from tests.payloads.servers import Servers, fetch, resident
from tests.support.client import assert_problem
from tests.support.metrics import Told, told
from tests.support.waiting import wait_until

LIMIT = 25
# So many large pages the proxy holds at once (proxy/polls.py).
PLACES = 4
BASE = 64 * MEGABYTE
COPIES = 3
# Who ask at the same time; most of them share one place.
SHARING = 30
# How often one asks who is refused after two seconds.
MOST_TRIES = 20
# Requests in a row, and how many of them are answered before the first answers are read: sockets hold some.
IN_A_ROW = 60
MOST_AHEAD = 20


def test_slow_readers_take_four_places(servers: Servers, megabytes: UUID) -> None:
    """They should get their places in memory and no more, hold up no small poll, and leave nothing behind."""
    url = f"{servers.client.events_url(megabytes)}?limit={LIMIT}"
    with ExitStack() as unread:
        for _ in range(PLACES):
            assert unread.enter_context(requests.get(url, stream=True, timeout=60)).status_code == 200
        assert_problem(requests.get(url, timeout=60), 503)
        assert servers.client.ids(megabytes, event_type="error") == []
        print(f"{PLACES} unread pages of {LIMIT} MB: proxy {resident(servers.proxy) / 1e6:.0f} MB")
        assert resident(servers.proxy) < BASE + COPIES * PLACES * LIMIT * MEGABYTE
    assert fetch(servers.client.url, megabytes, "identity", limit=LIMIT) > LIMIT * MEGABYTE


def test_slow_readers_share_a_copy(servers: Servers, megabytes: UUID) -> None:
    """Those who share a place should share the compressed page too, which one of them has compressed for all."""
    url = f"{servers.client.events_url(megabytes)}?limit={LIMIT}"

    def ask() -> requests.Response:
        """As a client does who is refused: asks again. So all meet at the place, however long that takes them."""
        for _ in range(MOST_TRIES):
            response = requests.get(url, stream=True, timeout=60)
            if response.status_code != 503:
                break
        return response

    def at_the_place(now: Told) -> tuple[float, float]:
        """How many have been told that their page is large and not been refused since, and how many polls that is."""
        told_so = now.value("call_seconds_count", call="alone") + now.value("joined_requests_total")
        refused = now.value("requests_total", kind="page", status="503")
        return told_so - refused, now.value("polls_waiting", call="large")

    with ExitStack() as unread, ThreadPoolExecutor(SHARING) as threads:
        others = [unread.enter_context(requests.get(url, stream=True, timeout=60)) for _ in range(PLACES)]
        before, _ = at_the_place(told(servers.client))
        asked = [threads.submit(ask) for _ in range(SHARING)]
        wait_until(lambda: at_the_place(told(servers.client)) == (before + SHARING, 1))
        others.pop().close()
        sharing = [unread.enter_context(each.result(timeout=120)) for each in asked]
        served = [each.status_code for each in sharing].count(200)
        print(f"{served} who share a place: proxy {resident(servers.proxy) / 1e6:.0f} MB")
        assert served >= SHARING // 2
        assert resident(servers.proxy) < BASE + COPIES * PLACES * LIMIT * MEGABYTE


def test_requests_in_a_row(servers: Servers, megabytes: UUID) -> None:
    """Who sends many requests on one connection should get the next answer only once those before have been read."""
    url = urlsplit(f"{servers.client.events_url(megabytes)}?limit=1")
    request = f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()

    def answered() -> float:
        return told(servers.client).value("requests_total", kind="page", status="200")

    before = answered()
    with socket.create_connection((url.hostname or "", url.port or 80), timeout=60) as connection:
        connection.sendall(request * IN_A_ROW)
        wait_until(lambda: answered() > before)
        for _ in range(IN_A_ROW):
            assert requests.get(url.geturl(), timeout=60).status_code == 200
        assert answered() < before + IN_A_ROW + MOST_AHEAD
        while answered() < before + 2 * IN_A_ROW:
            assert connection.recv(MEGABYTE)
