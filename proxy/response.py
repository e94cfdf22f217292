"""From a page of rows to the product's {items, pagination} answer. The items pass through as bytes."""

import asyncio
import hashlib
import zlib
from collections.abc import Iterable

from aiohttp import web

from proxy.postgrest import EventsPage
from proxy.request import EventsQuery

_SECONDS_BETWEEN_POLLS = {"pending": 2, "in_progress": 2, "paused": 2}
_SECONDS_BETWEEN_POLLS_ENDED = 30
_SECONDS_BETWEEN_POLLS_SHEDDING = 10

# Below this the headers and the work outweigh what is saved; about one packet.
_LEAST_TO_COMPRESS = 1400
# Above this compressing in the event loop would delay the other requests.
_MOST_TO_COMPRESS_IN_LOOP = 64 * 1024


async def events_response(
    request: web.Request, query: EventsQuery, page: EventsPage, *, shedding: bool
) -> web.Response:
    """The answer to a GET or HEAD: 200, or 304 where the client has it already."""
    pagination = _pagination(query, page)
    etag = _etag([*page.items, pagination])
    headers = {
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding",
        "X-Poll-Interval": str(_poll_interval(page.session_status, shedding=shedding)),
    }
    if _matches(request.headers.get("If-None-Match", ""), etag):
        return web.Response(status=304, headers=headers)
    body = b"".join(
        [
            b'{"items":',
            *page.items,
            b',"pagination":',
            pagination,
            f',"timestamp":"{page.timestamp}","cursor":"{page.cursor}"}}'.encode(),
        ]
    )
    if len(body) >= _LEAST_TO_COMPRESS and _accepts_gzip(request.headers.get("Accept-Encoding", "")):
        body = await _gzip(body)
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=body, content_type="application/json", headers=headers)


def _pagination(query: EventsQuery, page: EventsPage) -> bytes:
    total_pages = -(-page.total // page.per_page)
    # Digits beyond 18 are past every end, and Python refuses to read thousands of them.
    number = int(query.page[:19])
    return (
        f'{{"page":{query.page},"per_page":{page.per_page},"total":{page.total},"total_pages":{total_pages},'
        f'"has_next":{_json(number < total_pages)},"has_prev":{_json(number > 1)},"returned":{page.returned}}}'
    ).encode()


def _json(value: bool) -> str:
    return "true" if value else "false"


def _etag(pieces: Iterable[bytes]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for piece in pieces:
        digest.update(piece)
    return f'W/"{digest.hexdigest()}"'


def _matches(if_none_match: str, etag: str) -> bool:
    """Weak comparison (RFC 9110, 13.1.2)."""
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags


def _poll_interval(session_status: str, *, shedding: bool) -> int:
    seconds = _SECONDS_BETWEEN_POLLS.get(session_status, _SECONDS_BETWEEN_POLLS_ENDED)
    return max(seconds, _SECONDS_BETWEEN_POLLS_SHEDDING) if shedding else seconds


def _accepts_gzip(accept_encoding: str) -> bool:
    """Whether gzip, or else *, is named with a quality above 0 (RFC 9110, 12.5.3)."""
    qualities: dict[str, float] = {}
    for item in accept_encoding.lower().split(","):
        coding, _, parameter = item.partition(";")
        try:
            qualities[coding.strip()] = float(parameter.partition("=")[2] or 1)
        except ValueError:
            qualities[coding.strip()] = 0
    return qualities.get("gzip", qualities.get("*", 0)) > 0


async def _gzip(body: bytes) -> bytes:
    if len(body) > _MOST_TO_COMPRESS_IN_LOOP:
        return await asyncio.to_thread(zlib.compress, body, 1, 31)
    # Level 1: the answers are polled, so time counts for more than the last bytes. 31 is gzip with the largest window.
    return zlib.compress(body, 1, 31)
