"""Which names the proxy answers to.

Without keys whoever reaches loopback may read. So may the page of another site once that site's name leads to 127.0.0.1
(DNS rebinding): to the browser the proxy is that site then, and only the header Host tells which name was asked.
"""

import ipaddress
import re
from functools import lru_cache

from aiohttp import web

from proxy.problems import Kind, about

_ANY = "*"
# [address]:port or name:port
_HOST = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\[\]:]+))(?::\d*)?", re.ASCII)
# A longer one is no name that DNS could lead here, and not worth remembering.
_LONGEST = 260
_HOSTS_REMEMBERED = 256


class Hosts:
    """Answers to these `names`, or all where they are `*`, and to localhost and addresses, which are no site's name."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._any = _ANY in names
        self._names = frozenset(["localhost", *map(str.lower, names)])
        self._are_known = lru_cache(_HOSTS_REMEMBERED)(self._is_known)

    def check(self, request: web.Request) -> None:
        """Lets the request pass; also one without Host, which no browser sends.

        Raises:
            Problem: invalid-request.
        """
        host = request.headers.get("Host", "")
        if self._any or not host or (len(host) <= _LONGEST and self._are_known(host)):
            return
        detail = (
            f"Host is {host[:100]!r}, a name that this server is not known by; "
            "whoever runs it can add the name to PROXY_ALLOWED_HOSTS."
        )
        raise about(Kind.INVALID_REQUEST, "Host", detail)

    def _is_known(self, host: str) -> bool:
        if found := _HOST.fullmatch(host):
            address, name = found.groups(default="")
            return name.lower() in self._names or _is_address(address or name)
        return False


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


HOSTS = web.AppKey("hosts", Hosts)
