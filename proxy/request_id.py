"""The id of a request: in its answer, in its problem, and in every line that is logged about it."""

import logging
import random
import re
from contextvars import ContextVar

from aiohttp import web

# What is logged while nobody's request is being answered has none.
CURRENT = ContextVar("request_id", default="-")

_SANE = re.compile(r"[A-Za-z0-9._-]{1,128}")


def of(request: web.BaseRequest) -> str:
    """The request's own id where it is sane, else a new one."""
    sent = request.headers.get("X-Request-ID")
    return sent if sent and _SANE.fullmatch(sent) else f"{random.getrandbits(128):032x}"


class RequestIds(logging.Filter):
    """Gives every line the id of the request that it is about."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every line pass."""
        record.request_id = CURRENT.get()
        return True
