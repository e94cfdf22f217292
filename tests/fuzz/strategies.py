"""Requests that are nearly right."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import reduce
from urllib.parse import quote, quote_from_bytes

from hypothesis import strategies as st

from proxy.query import ALLOWED
from tests.fuzz.conftest import Target

# Any of HTTP's own, and what no server knows.
METHODS = st.sampled_from(["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE", "QUERY", "get"])
# What the proxy reads, and what the server under it, or something between, might.
HEADERS = [
    "Accept", "Accept-Encoding", "Authorization", "Connection", "Content-Length", "Content-Type", "Cookie", "Expect",
    "Host", "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "Origin", "Prefer", "Range", "Te",
    "Transfer-Encoding", "Upgrade", "Via", "X-API-Key", "X-Forwarded-For", "X-HTTP-Method-Override", "X-Request-ID",
    "Access-Control-Request-Method", "Accept-Profile", "Content-Profile",
]  # fmt: skip
WORDS = [
    b"", b"*", b"gzip", b"gzip;q=0", b"gzip;q=x", b'W/"x"', b'"', b"chunked", b"identity", b"0", b"-1", b"1", b"5",
    b"9" * 30, b"close", b"keep-alive", b"upgrade", b"websocket", b"h2c", b"100-continue", b"bytes=0-", b"http://x",
    b"localhost", b"evil.example", b"null", b"application/json", b"count=exact", b"public", b"DELETE", b"\xff\xfe",
]  # fmt: skip
NUMBERS = [
    "", "0", "1", "2", "100", "1000", "1001", "-1", "+1", " 1", "1.0", "1e3", "٣", "9" * 19, "9" * 400, "0" * 400 + "1",
]  # fmt: skip
MOMENTS = [
    "now", "infinity", "-infinity", "2026-01-13T14:30:00Z", "2026-02-30T00:00:00Z",
    "2026-01-13T14:30:00.123456789+02:00",
    "2026-01-13T14:30:00 02:00", "0001-01-01T00:00:00+14:00", "2026-13-01T00:00", "9999-12-31T23:59:59-12:00",
    "9999-12-31T24:00:00Z", "2026-01-13T14:30:00+15:59",
]  # fmt: skip
TYPES = ["error", "info", "Error", "a" * 100, "a" * 101, "null", "' or 1=1 --", "\x00", "\ud7ff", "%", "&", ""]
# Values of the kind that a parameter has; those of cursor and next are tokens.
FITTING = {
    "since": MOMENTS, "event_type": TYPES, "limit": NUMBERS, "per_page": NUMBERS, "page": NUMBERS
}  # fmt: skip

VALUES = [*NUMBERS, *MOMENTS, *TYPES]


def flipped(data: bytes) -> st.SearchStrategy[bytes]:
    """The bytes with a few bits changed, bytes put in or taken out, or the end cut off."""
    place = st.integers(0, len(data) - 1)
    # From where to where, and what comes there.
    splice = st.one_of(
        st.builds(lambda at, bit: (at, at + 1, bytes([data[at] ^ 1 << bit])), place, st.integers(0, 7)),
        st.builds(lambda at, new: (at, at, new), place, st.binary(min_size=1, max_size=4)),
        st.builds(lambda at, count: (at, at + count, b""), place, st.integers(1, 8)),
        st.builds(lambda at: (at, len(data), b""), place),
    )
    return st.lists(splice, min_size=1, max_size=4).map(lambda splices: reduce(_spliced, splices, data))


def _spliced(data: bytes, splice: tuple[int, int, bytes]) -> bytes:
    start, end, new = splice
    return data[:start] + new + data[end:]


def tokens(target: Target) -> st.SearchStrategy[bytes]:
    """Cursors and nexts, as they were given out or bent."""
    return st.sampled_from([target.cursor, target.next]).flatmap(
        lambda token: st.one_of(
            st.just(token.encode()),
            flipped(token.encode()),
            _bent_inside(token),
        )
    )


def _bent_inside(token: str) -> st.SearchStrategy[bytes]:
    """A token whose own bytes are changed, so that it is well-formed base64url still."""
    inner = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    return flipped(inner).map(lambda data: urlsafe_b64encode(data).rstrip(b"="))


def queries(target: Target) -> st.SearchStrategy[bytes]:
    """Query strings of known and unknown parameters, with values that are right, nearly right, and noise."""
    noise = st.one_of(
        st.sampled_from(VALUES).map(_quoted),
        st.text(max_size=20).map(_quoted),
        st.binary(max_size=20).map(lambda data: quote_from_bytes(data).encode()),
        st.text("abc%&=+;#?/\\\"'<>{}|^`~ 0189", max_size=20).map(_unquoted),
    )
    fitting = st.sampled_from(ALLOWED).flatmap(
        lambda name: (st.sampled_from(FITTING[name]).map(_quoted) if name in FITTING else tokens(target)).map(
            lambda value: name.encode() + b"=" + value
        )
    )
    name = st.one_of(
        st.sampled_from([*ALLOWED, "api_key", "select", "limit[]", "p_polls", "Limit"]).map(str.encode),
        st.text(max_size=8).map(_quoted),
    )
    odd = st.tuples(name, st.sampled_from([b"=", b"", b"=="]), noise).map(b"".join)
    # One alone is most likely to get as far as the database.
    return st.one_of(fitting, st.lists(st.one_of(fitting, fitting, odd), max_size=5).map(b"&".join))


def _quoted(text: str) -> bytes:
    return quote(text, safe="", errors="replace").encode()


def _unquoted(text: str) -> bytes:
    # A blank or a # would end the target; all else may stand there as it is.
    return text.replace(" ", "+").replace("#", "%23").encode()


def paths(target: Target) -> st.SearchStrategy[bytes]:
    """The endpoint of a session that is there, or is not, or is none; and what lies beside it."""
    session = st.one_of(
        st.just(str(target.session_id).encode()),
        st.just(str(target.session_id).upper().encode()),
        st.uuids().map(lambda each: str(each).encode()),
        flipped(str(target.session_id).encode()).map(lambda data: quote_from_bytes(data).encode()),
    )
    events = session.map(lambda each: b"/api/v2/sessions/" + each + b"/events")
    other = st.sampled_from(
        [b"/", b"/docs", b"/metrics", b"/live", b"//", b"/static/", b"/api/v2/sessions/", b"/..%2f..", b"/%00", b"/rpc"]
    )
    known = st.just(f"/api/v2/sessions/{target.session_id}/events".encode())
    return st.one_of(known, events, other)


def headers() -> st.SearchStrategy[list[bytes]]:
    """Lines of a head, with values of every kind but for line ends."""
    value = st.one_of(
        st.sampled_from(WORDS),
        st.binary(max_size=40).map(lambda data: data.translate(None, b"\r\n\x00")),
        st.lists(st.sampled_from(WORDS), max_size=4).map(b", ".join),
    )
    line = st.tuples(st.sampled_from(HEADERS), value).map(lambda pair: pair[0].encode() + b": " + pair[1])
    return st.lists(line, max_size=5)
