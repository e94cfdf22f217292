"""Cuts a stream of bytes into lines.

A line ends with LF or CRLF. A lone CR ends one too: each state of a progress line is a line of its own, marked
`redraw`. A line longer than the limit comes as numbered parts that together hold every byte of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LINE_BYTES = 256 * 1024
# A CR at the end of what was read so far may still become a CRLF, so it waits for the next byte.
_LINE_END = re.compile(rb"\r?\n|\r(?=[^\n])")


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end; `part` counts from 1 in a line that was cut, and is 0 in a whole one."""

    data: bytes
    redraw: bool = False
    part: int = 0
    continues: bool = False


class LineSplitter:
    """Takes bytes in pieces of any size, gives complete lines, and holds back at most one line's limit."""

    def __init__(self, limit: int = MAX_LINE_BYTES) -> None:
        self._limit = limit
        self._rest = bytearray()
        self._part = 0

    def feed(self, data: bytes) -> Iterator[Line]:
        """The lines, and parts of very long ones, that are complete with `data`."""
        start = max(len(self._rest) - 1, 0)
        self._rest += data
        while end := _LINE_END.search(self._rest, start):
            redraw = end.group() == b"\r"
            line = bytes(self._rest[: end.start()])
            del self._rest[: end.end()]
            start = 0
            yield from self._whole(line, redraw)
        while len(self._rest) > self._limit:
            cut = _cut(self._rest, self._limit)
            piece = bytes(self._rest[:cut])
            del self._rest[:cut]
            yield self._piece(piece)

    def flush(self) -> Iterator[Line]:
        """What is left when the stream ends: a last line without an end."""
        if self._rest:
            line = bytes(self._rest)
            self._rest.clear()
            yield from self._whole(line.removesuffix(b"\r"), line.endswith(b"\r"))

    def _whole(self, line: bytes, redraw: bool) -> Iterator[Line]:
        if redraw and not line and not self._part:
            return  # "\r10%\r20%": nothing stands before the first CR
        while len(line) > self._limit:
            cut = _cut(line, self._limit)
            yield self._piece(line[:cut])
            line = line[cut:]
        part = self._part + 1 if self._part else 0
        self._part = 0
        yield Line(line, redraw, part)

    def _piece(self, data: bytes) -> Line:
        self._part += 1
        return Line(data, part=self._part, continues=True)


def _cut(data: bytes | bytearray, limit: int) -> int:
    """The last place up to `limit` that does not split a UTF-8 character; `limit` itself where there is none."""
    for place in range(limit, max(limit - 4, 0), -1):
        if data[place] & 0xC0 != 0x80:
            return place
    return limit
