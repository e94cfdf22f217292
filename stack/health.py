"""Whether a proxy answers, and whether it can serve: the whole way to the database."""

import http.client
import time
import urllib.request

from stack.process import POLL

_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # http_proxy is not for our own machine


def alive(proxy_url: str, seconds: float) -> bool:
    """Whether it answers by itself within `seconds`, whatever is behind it."""
    return _says_yes(f"{proxy_url}/live", seconds)


def healthy(proxy_url: str) -> bool:
    """Whether its /ready says so now."""
    return _says_yes(f"{proxy_url}/ready", 5)


def _says_yes(url: str, seconds: float) -> bool:
    try:
        with _DIRECTLY.open(url, timeout=seconds) as answer:
            return bool(answer.status == 200)
    except (OSError, http.client.HTTPException):
        return False


def becomes_healthy(proxy_url: str, seconds: float) -> bool:
    """Whether it does within `seconds`."""
    deadline = time.monotonic() + seconds
    while not healthy(proxy_url):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True
