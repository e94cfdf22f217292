"""Turns bytes that a program made into text that PostgreSQL and JSON can hold."""

import os
import re

# Escape sequences of a terminal: CSI (colours, cursor), OSC (titles, links), then the short ones.
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-~])")
# "scheme://user:password@host", "password=…" of a connection string or an option
_PASSWORD = re.compile(r"(://[^/@\s:]*:)[^/@\s]*(?=@)|(\bpassword=)[^\s&]+", re.IGNORECASE)


def visible(data: bytes) -> str:
    """The text of `data`: bytes that are not UTF-8 as backslash escapes, NUL as its symbol, escape sequences gone."""
    return _ANSI.sub("", data.decode("utf-8", "backslashreplace").replace("\0", "␀"))


def shown_argument(argument: str) -> str:
    """A command's argument, or a path, as it may be stored: valid text, passwords in it hidden."""
    return _PASSWORD.sub(r"\1\2***", visible(os.fsencode(argument)))


def shortened(text: str, length: int) -> str:
    """`text` in at most `length` characters, with a mark where it was cut."""
    return text if len(text) <= length else text[: length - 1] + "…"
