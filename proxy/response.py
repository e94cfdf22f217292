"""From a page to the product's {items, pagination, session} answer. The items pass through as bytes."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from isal import isal_zlib

from proxy.negotiation import matches
from proxy.postgrest import Page
from proxy.query import EventsQuery

_SECONDS_BETWEEN_POLLS = 2
_SECONDS_BETWEEN_POLLS_ENDED = 30
_SECONDS_BETWEEN_POLLS_SHEDDING = 10

# Below this the headers and the work outweigh what is saved; about one packet.
_LEAST_TO_COMPRESS = 1400


@dataclass(slots=True)
class Answer:
    """A 200, or a 304 without `pieces`; the body stays in pieces, since joining a large one would hold it twice."""

    status: int
    headers: dict[str, str]
    pieces: list[bytes]

    @property
    def size(self) -> int:
        """The length of the body in bytes."""
        return sum(map(len, self.pieces))


def assemble(query: EventsQuery, page: Page, *, shedding: bool, gzip: bool, known: Sequence[str]) -> Answer:
    """The answer to a GET or HEAD from a client that has what the entity tags `known` stand for."""
    pagination, session = _pagination(query, page), page.session.encode()
    page.etag = page.etag or _etag([*page.items, pagination, session])
    headers = {
        "ETag": page.etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding",
        "X-Poll-Interval": str(_poll_interval(ended=page.ended, shedding=shedding)),
    }
    if matches(known, page.etag):
        return Answer(304, headers, [])
    headers["Content-Type"] = "application/json"
    pieces = [
        b'{"items":',
        *page.items,
        b',"pagination":',
        pagination,
        b',"next":null}' if page.next is None else f',"next":"{page.next}"}}'.encode(),
        b',"session":',
        session,
        f',"timestamp":"{page.timestamp}","cursor":"{page.cursor}"}}'.encode(),
    ]
    answer = Answer(200, headers, pieces)
    if not gzip or answer.size < _LEAST_TO_COMPRESS:
        return answer
    page.zipped = page.zipped or _compressed(pieces)
    return Answer(200, {**headers, "Content-Encoding": "gzip"}, page.zipped)


def _compressed(pieces: list[bytes]) -> list[bytes]:
    # 31 is gzip with the largest window; no other level, and no zlib, is worth its time (docs/performance.md).
    compressor = isal_zlib.compressobj(1, isal_zlib.DEFLATED, 31)
    return [*map(compressor.compress, pieces), compressor.flush()]


def _pagination(query: EventsQuery, page: Page) -> bytes:
    """The pagination without its end, where `next` stands: that is another one in every answer."""
    total_pages = -(-page.total // page.per_page)
    # A number that was cut to what PostgreSQL knows is given back as it came.
    number = query.page if query.next is None else page.page
    return (
        f'{{"page":{number},"per_page":{page.per_page},"total":{page.total},"total_pages":{total_pages},'
        f'"has_next":{_json(page.page < total_pages)},"has_prev":{_json(page.page > 1)},"returned":{page.returned}'
    ).encode()


def _json(value: bool) -> str:
    return "true" if value else "false"


def _etag(pieces: Iterable[bytes]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for piece in pieces:
        digest.update(piece)
    return f'W/"{digest.hexdigest()}"'


def _poll_interval(*, ended: bool, shedding: bool) -> int:
    seconds = _SECONDS_BETWEEN_POLLS_ENDED if ended else _SECONDS_BETWEEN_POLLS
    return max(seconds, _SECONDS_BETWEEN_POLLS_SHEDDING) if shedding else seconds
