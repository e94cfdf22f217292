"""What a client has already, and what it can read (RFC 9110)."""

from collections.abc import Sequence

from aiohttp import web


def known_tags(request: web.Request) -> Sequence[str]:
    """The entity tags in If-None-Match, without what marks a weak one: the comparison is weak (13.1.2)."""
    lines = request.headers.getall("If-None-Match", ())
    return [tag.removeprefix("W/") for tag in _items(lines)] if lines else ()


def matches(known: Sequence[str], etag: str) -> bool:
    """Whether an entity tag is one of those."""
    return bool(known) and ("*" in known or etag.removeprefix("W/") in known)


def accepts_gzip(request: web.Request) -> bool:
    """Whether Accept-Encoding names gzip, or else *, with a quality above 0 (12.5.3)."""
    lines = request.headers.getall("Accept-Encoding", ())
    return bool(lines) and _accepts_gzip(lines)


def _accepts_gzip(lines: Sequence[str]) -> bool:
    qualities: dict[str, float] = {}
    for item in _items(lines):
        coding, _, parameter = item.lower().partition(";")
        try:
            qualities[coding.strip()] = float(parameter.partition("=")[2] or 1)
        except ValueError:
            qualities[coding.strip()] = 0
    return qualities.get("gzip", qualities.get("*", 0)) > 0


def _items(lines: Sequence[str]) -> list[str]:
    """The items of a list header, which may come in several lines."""
    return [item.strip() for line in lines for item in line.split(",")]
