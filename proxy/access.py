"""API keys."""

import hmac

from aiohttp import web

from proxy.problems import Kind, Problem


class Access:
    """Who may read: everyone where no key is configured, else whoever sends one of the keys."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys = [key.encode() for key in keys]

    def check(self, request: web.Request, *, bearer: bool = False) -> None:
        """Lets the request pass; where `bearer`, the key may also come as Prometheus sends one.

        Raises:
            Problem: unauthorized.
        """
        if not self._keys:
            return
        key = request.headers.get("X-API-Key", "")
        if bearer and not key:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            key = token if scheme.lower() == "bearer" else ""
        sent = key.encode("utf-8", "surrogateescape")
        # Every key is compared, each in constant time, so that the time tells nothing.
        if not sum(hmac.compare_digest(sent, key) for key in self._keys):
            raise Problem(Kind.UNAUTHORIZED, headers={"WWW-Authenticate": 'ApiKey realm="session-events"'})
