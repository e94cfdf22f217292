"""Which pages of other origins may read the answers (CORS)."""

from collections.abc import MutableMapping

_ANY = "*"
_EXPOSED = "ETag, Retry-After, Server-Timing, X-Poll-Interval, X-Request-ID"
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "X-API-Key, X-Request-ID, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class Cors:
    """Allows `origins`, or every one where they are `*`; without any, answers say nothing about origins."""

    def __init__(self, origins: tuple[str, ...]) -> None:
        self._origins = frozenset(origins)

    def add(self, headers: MutableMapping[str, str], origin: str | None, *, preflight: bool) -> None:
        """Adds to an answer's headers what the page at `origin` may do."""
        if not self._origins:
            return
        if _ANY not in self._origins:
            # No cache may hand the answer that one origin got to another.
            headers["Vary"] = f"{headers['Vary']}, Origin" if "Vary" in headers else "Origin"
            if origin not in self._origins:
                return
        headers["Access-Control-Allow-Origin"] = _ANY if _ANY in self._origins else str(origin)
        headers["Access-Control-Expose-Headers"] = _EXPOSED
        if preflight:
            headers.update(_PREFLIGHT)
