"""How bytes become lines and lines become text."""

import pytest

from recorder.lines import Line, LineSplitter
from recorder.text import shortened, shown_argument, visible


def split(*pieces: bytes, limit: int = 1000) -> list[Line]:
    """The lines of a stream that was read in these pieces."""
    splitter = LineSplitter(limit)
    return [line for piece in pieces for line in splitter.feed(piece)] + list(splitter.flush())


def test_lines_across_reads() -> None:
    """Lines should be the same however the bytes were read."""
    data = b"one\ntwo\r\n\nthr\xc3\xa9\r50%\r100%\nlast"
    bytewise = split(*(data[place : place + 1] for place in range(len(data))))
    assert bytewise == split(data)
    assert [line.data for line in bytewise] == [b"one", b"two", b"", b"thr\xc3\xa9", b"50%", b"100%", b"last"]


def test_carriage_return_marks_a_redraw() -> None:
    """Each state of a progress line should be a line that says it was drawn over, and an empty one none at all."""
    assert split(b"\r10%\r20%\r") == [Line(b"10%", redraw=True), Line(b"20%", redraw=True)]


def test_long_line_comes_in_parts() -> None:
    """A line above the limit should come in numbered parts without a byte lost, and the next line whole again."""
    lines = split(b"abcdefghij\nnext\n", limit=4)
    assert lines == [
        Line(b"abcd", part=1, continues=True),
        Line(b"efgh", part=2, continues=True),
        Line(b"ij", part=3),
        Line(b"next"),
    ]


def test_long_line_is_not_held_back() -> None:
    """A line that never ends should give its parts as they fill."""
    splitter = LineSplitter(limit=4)
    assert [line.data for line in splitter.feed(b"abcdefghij")] == [b"abcd", b"efgh"]
    assert list(splitter.flush()) == [Line(b"ij", part=3)]


@pytest.mark.parametrize("limit", [4, 5, 6, 7])
def test_parts_keep_characters_whole(limit: int) -> None:
    """A cut should not go through a character."""
    lines = split("aé€𝄞é€𝄞".encode(), limit=limit)
    assert "".join(line.data.decode() for line in lines) == "aé€𝄞é€𝄞"


def test_bytes_that_are_no_characters_are_cut_at_the_limit() -> None:
    """Bytes without any character's start should still be cut, and none lost."""
    lines = split(b"\x80" * 10, limit=4)
    assert b"".join(line.data for line in lines) == b"\x80" * 10


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"caf\xc3\xa9", "café"),
        (b"caf\xe9", "caf\\xe9"),
        (b"a\0b", "a␀b"),
        (b"\x1b[1;31merror:\x1b[0m bad", "error: bad"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x07", "link"),
        (b"\x1b[2K\x1b(Bdone", "done"),
        (b"tab\there", "tab\there"),
        (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),
    ],
)
def test_visible(data: bytes, text: str) -> None:
    """What the database cannot hold should be shown in another way, and escape sequences be gone."""
    assert visible(data) == text


def test_password_is_hidden() -> None:
    """A command's argument should be stored without the password in it."""
    assert shown_argument("postgresql://me:se:cret@db/x?a=b") == "postgresql://me:***@db/x?a=b"
    assert shown_argument("host=db password=secret user=me") == "host=db password=*** user=me"
    assert shown_argument("http://127.0.0.1:8000/a@b") == "http://127.0.0.1:8000/a@b"


def test_shortened() -> None:
    """A text should be cut only above the length, and visibly."""
    assert shortened("abc", 3) == "abc"
    assert shortened("abcd", 3) == "ab…"
