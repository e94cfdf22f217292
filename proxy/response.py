"""From a page of rows to the product's {items, pagination} answer. The items pass through as bytes."""

import hashlib
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from proxy.postgrest import EventsPage
from proxy.query import EventsQuery

_SECONDS_BETWEEN_POLLS = {"pending": 2, "in_progress": 2, "paused": 2}
_SECONDS_BETWEEN_POLLS_ENDED = 30
_SECONDS_BETWEEN_POLLS_SHEDDING = 10

# Below this the headers and the work outweigh what is saved; about one packet.
_LEAST_TO_COMPRESS = 1400


@dataclass(frozen=True)
class Answer:
    """A 200, or a 304 without `pieces`; the body stays in pieces, since joining a large one would hold it twice."""

    status: int
    headers: dict[str, str]
    pieces: list[bytes]

    @property
    def size(self) -> int:
        """The length of the body in bytes."""
        return sum(map(len, self.pieces))


def assemble(
    query: EventsQuery, page: EventsPage, *, shedding: bool, gzip: bool, is_known: Callable[[str], bool]
) -> Answer:
    """The answer to a GET or HEAD; `is_known` tells whether the client has what an entity tag stands for."""
    pagination = _pagination(query, page)
    headers = {
        "Content-Type": "application/json",
        "ETag": _etag([*page.items, pagination]),
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding",
        "X-Poll-Interval": str(_poll_interval(page.session_status, shedding=shedding)),
    }
    if is_known(headers["ETag"]):
        del headers["Content-Type"]
        return Answer(304, headers, [])
    pieces = [
        b'{"items":',
        *page.items,
        b',"pagination":',
        pagination,
        f',"timestamp":"{page.timestamp}","cursor":"{page.cursor}"}}'.encode(),
    ]
    answer = Answer(200, headers, pieces)
    return _compressed(answer) if gzip and answer.size >= _LEAST_TO_COMPRESS else answer


def _compressed(answer: Answer) -> Answer:
    # Level 1: the answers are polled, so time counts for more than the last bytes. 31 is gzip with the largest window.
    compressor = zlib.compressobj(1, zlib.DEFLATED, 31)
    pieces = [compressor.compress(piece) for piece in answer.pieces]
    return Answer(200, {**answer.headers, "Content-Encoding": "gzip"}, [*pieces, compressor.flush()])


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


def _poll_interval(session_status: str, *, shedding: bool) -> int:
    seconds = _SECONDS_BETWEEN_POLLS.get(session_status, _SECONDS_BETWEEN_POLLS_ENDED)
    return max(seconds, _SECONDS_BETWEEN_POLLS_SHEDDING) if shedding else seconds
