"""Cuts JSON into its parts as text, so that every number keeps its digits, and no depth is too deep."""

import json
import re
from collections.abc import Iterator

# What it makes of numbers is thrown away.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)
_SPACE = re.compile(r"[ \n\r\t]*")
_DEPTH = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|([\[{])|[\]}]')


def members(text: str, start: int = 0) -> Iterator[tuple[str, int, int]]:
    """Name, begin and end of each member of the object that begins at `start`.

    Raises:
        ValueError: there is none, or it is no JSON.
    """
    at = _after(text, start, "{")
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        at = _after(text, at, ":")
        end = end_of(text, at)
        yield name, at, end
        at = _following(text, end, "}")


def elements(text: str, start: int) -> Iterator[int]:
    """Where each element of the array that begins at `start` begins.

    Raises:
        ValueError: there is none, or it is no JSON.
    """
    at = _after(text, start, "[")
    while text[at] != "]":
        yield at
        at = _following(text, end_of(text, at), "]")


def end_of(text: str, start: int) -> int:
    """Where the value that begins at `start` ends."""
    try:
        return _DECODER.raw_decode(text, start)[1]
    except RecursionError:
        return _end_of_deep(text, start)


def _end_of_deep(text: str, start: int) -> int:
    depth = 0
    for found in _DEPTH.finditer(text, start):
        if found[0][0] != '"':
            depth += 1 if found[1] else -1
            if depth == 0:
                return found.end()
    raise ValueError("the text ends before the value")


def _after(text: str, at: int, character: str) -> int:
    """Where something begins after `character`, which comes at `at`, with or without space around it."""
    at = _skip(text, at)
    if text[at : at + 1] != character:
        raise ValueError(f"no {character} at {at}")
    return _skip(text, at + 1)


def _following(text: str, at: int, close: str) -> int:
    """Where the next part begins after one that ends at `at`, or where `close` is."""
    at = _skip(text, at)
    return at if text[at : at + 1] == close else _after(text, at, ",")


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
