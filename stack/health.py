"""What servers of this machine say over HTTP of themselves: whether a proxy answers, and whether it can serve."""

import http.client
import time
import urllib.error
import urllib.request

from stack.process import POLL

_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # http_proxy is not for our own machine


def alive(proxy_url: str, seconds: float) -> bool:
    """Whether it answers by itself within `seconds`, whatever is behind it."""
    return status_of(f"{proxy_url}/live", seconds) == 200


def healthy(proxy_url: str) -> bool:
    """Whether its /ready says so now: the whole way to the database."""
    return status_of(f"{proxy_url}/ready", 5) == 200


def status_of(url: str, seconds: float = 3) -> int | None:
    """The status of the answer within `seconds`; None where there is none."""
    try:
        with _DIRECTLY.open(url, timeout=seconds) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except (OSError, http.client.HTTPException):
        return None


def becomes_healthy(proxy_url: str, seconds: float) -> bool:
    """Whether it does within `seconds`."""
    deadline = time.monotonic() + seconds
    while not healthy(proxy_url):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True
