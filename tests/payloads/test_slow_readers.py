"""Clients that ask for large pages and do not read them."""

from contextlib import ExitStack
from uuid import UUID

import requests

from tests.payloads.conftest import MEGABYTE
from tests.payloads.servers import Servers, fetch, resident
from tests.support.client import assert_problem

LIMIT = 25
# So many large pages the proxy holds at once (proxy/polls.py).
PLACES = 4
BASE = 64 * MEGABYTE
COPIES = 3


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
