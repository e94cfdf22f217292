"""Reads a level off a line of output: the first rule that matches decides, and `info` is what is left.

The rules know how common tools mark their lines; words in running text ("error handling", "0 errors") are no marks.
"""

import re
from typing import Final, Literal, NamedTuple

Level = Literal["info", "warning", "error"]


class Rule(NamedTuple):
    """A level and the mark that stands for it, searched for anywhere in the line."""

    level: Level
    pattern: re.Pattern[str]


# Counts of nothing are taken out of the line before any rule sees it.
_NOTHING: Final = re.compile(
    r"""(?<![\w.,=])(?:0|no|zero|without(?:\ any)?)\s+(?:errors?|warnings?|fail(?:ed|ures?)|critical)\b
      | \b(?:errors?|warnings?|failures?|failed)["']?\s*[=:]\s*(?:0(?![\d.])|none\b|null\b|false\b|\[\s*\]|["']{2})
    """,
    re.IGNORECASE | re.VERBOSE,
)

# What may stand before the level of a log line: a date, a time, brackets, a logger's name is not among them.
_HEAD = r"^\W*(?:\d[\dTZ]*\W+)*"
# An upper-case word that stands alone: not a part of a name, a path, an option or a setting's value.
_ALONE = r"(?<![\w=/.-]){}(?![\w=/-]|\.\w)"


def _rule(level: Level, pattern: str) -> Rule:
    return Rule(level, re.compile(pattern))


_RULES: Final = (
    # A level that the line names itself goes before any word in its text.
    _rule("error", r"""(?i)\b(?:level|severity)["']?\s*[=:]\s*["']?(?:err(?:or)?|fatal|crit(?:ical)?|panic)\b"""),
    _rule("warning", r"""(?i)\b(?:level|severity)["']?\s*[=:]\s*["']?warn(?:ing)?\b"""),
    _rule("info", r"""(?i)\b(?:level|severity)["']?\s*[=:]\s*["']?(?:info|debug|trace|notice)\b"""),
    _rule("info", _HEAD + r"(?:INFO|DEBUG|TRACE|NOTICE|LOG|DETAIL|HINT|PASS(?:ED)?)\b(?![/.-])"),
    _rule("info", r"(?i)" + _HEAD + r"(?:info|debug|trace|notice)\s*[:\]]"),
    _rule("info", r"^\s*(?:ok \d+\b|not ok \d+ .*# (?:TODO|SKIP)\b)"),
    _rule("error", r"(?i)" + _HEAD + r"(?:error|fatal|critical|panic|failed|fail|failure|exception)\s*[:\]]"),
    _rule("warning", r"(?i)" + _HEAD + r"warn(?:ing)?\s*[:\]]"),
    # compilers and linters: "file.c:10:5: error: …", psql: "psql:a.sql:3: ERROR:  …"
    _rule("error", r"(?:^|[\s:])(?:fatal error|fatal|error|ERROR|FATAL|PANIC)(?:\[\w+\])?:(?=\s|$)"),
    _rule("warning", r"(?:^|[\s:])(?:warning|WARNING|warn|WARN)(?:\[\w+\])?:(?=\s|$)"),
    # single tools: tracebacks, apt, npm, pytest, TAP, make, a shell that reports a crash
    _rule("error", r"^Traceback \(most recent call last\):"),
    _rule("error", r"^(?:E: |E {3,}|npm ERR!|npm error\b|\s*not ok \d|make(?:\[\d+\])?: \*\*\* )"),
    _rule(
        "error", r"\b(?:Segmentation fault|core dumped|command not found|No such file or directory|Permission denied)\b"
    ),
    _rule("warning", r"^(?:W: |npm WARN\b|npm warn\b)"),
    # exceptions and Python's warnings by the name of their class: "app.errors.BadInputError: …"
    _rule("error", r"(?:^|\s)(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Failure)(?::\s|$)"),
    _rule("warning", r"(?:^|\s)(?:[A-Za-z_]\w*\.)*[A-Z]\w*Warning:\s"),
    _rule("error", _ALONE.format("(?:ERROR|FATAL|CRITICAL|FAILED|FAILURE|FAIL|PANIC)")),
    _rule("warning", _ALONE.format("(?:WARNING|WARN)")),
    # summaries: "3 failed, 10 passed", "Found 2 errors", "errors=2"
    _rule("error", r"(?i)\b[1-9]\d*\s+(?:errors?|fail(?:ed|ures?))\b|\b(?:errors|failures|failed)\s*[=:]\s*[1-9]"),
    _rule("warning", r"(?i)\b[1-9]\d*\s+warnings?\b|\bwarnings\s*[=:]\s*[1-9]"),
)


def level_of(line: str) -> Level:
    """The level of one line of output, without its escape sequences."""
    text = _NOTHING.sub("", line)
    return next((rule.level for rule in _RULES if rule.pattern.search(text)), "info")
