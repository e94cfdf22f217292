"""API keys."""

import hmac

from aiohttp import web

from proxy.problems import Kind, Problem


class Access:
    """Who may read: everyone where no key is configured, else whoever sends one of the keys."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys = [key.encode() for key in keys]

    def check(self, request: web.Request) -> None:
        """Lets the request pass.

        Raises:
            Problem: unauthorized.
        """
        if not self._keys:
            return
        sent = request.headers.get("X-API-Key", "").encode("utf-8", "surrogateescape")
        # Every key is compared, each in constant time, so that the time tells nothing.
        if not sum(hmac.compare_digest(sent, key) for key in self._keys):
            raise Problem(Kind.UNAUTHORIZED, headers={"WWW-Authenticate": 'ApiKey realm="session-events"'})
