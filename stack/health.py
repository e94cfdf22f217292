"""Whether a proxy can serve: the whole way to the database."""

import time
import urllib.request

from stack.process import POLL

_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # http_proxy is not for our own machine


def healthy(proxy_url: str) -> bool:
    """Whether its /ready says so now."""
    try:
        with _DIRECTLY.open(f"{proxy_url}/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def becomes_healthy(proxy_url: str, seconds: float) -> bool:
    """Whether it does within `seconds`."""
    deadline = time.monotonic() + seconds
    while not healthy(proxy_url):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True
