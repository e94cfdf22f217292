"""What a client has already, and what it can read (RFC 9110)."""

from collections.abc import Sequence

from aiohttp import web


def matches(request: web.Request, etag: str) -> bool:
    """Whether If-None-Match names the entity tag, by weak comparison (13.1.2)."""
    tags = {tag.removeprefix("W/") for tag in _items(request.headers.getall("If-None-Match", ()))}
    return "*" in tags or etag.removeprefix("W/") in tags


def accepts_gzip(request: web.Request) -> bool:
    """Whether Accept-Encoding names gzip, or else *, with a quality above 0 (12.5.3)."""
    qualities: dict[str, float] = {}
    for item in _items(request.headers.getall("Accept-Encoding", ())):
        coding, _, parameter = item.lower().partition(";")
        try:
            qualities[coding.strip()] = float(parameter.partition("=")[2] or 1)
        except ValueError:
            qualities[coding.strip()] = 0
    return qualities.get("gzip", qualities.get("*", 0)) > 0


def _items(lines: Sequence[str]) -> list[str]:
    """The items of a list header, which may come in several lines."""
    return [item.strip() for line in lines for item in line.split(",")]
