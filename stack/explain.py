"""The plans that PostgreSQL really runs inside api.session_events(), told by auto_explain."""

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors, sql

from stack.errors import StackError

SETTINGS = {
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_settings": "on",
    "auto_explain.log_format": "text",
    "auto_explain.log_level": "notice",
    "client_min_messages": "notice",
    "lc_messages": "C",  # the messages are taken apart below
}
# The first text that a statement contains tells what it is for.
PURPOSES = {
    "public.sessions": "The session: is it there, and what is its status?",
    "unseen": "Count and keys of the page: what the cursor has not told yet",
    "row_to_json": "The page's size in bytes, because it may be too large",
    "count(*)": "The count, for total",
    "limit": "The keys of the page, newest first",
    "public.events": "The rows of the page, by key",
}
MESSAGE = re.compile(r"duration: (\S+ ms)  plan:\nQuery Text: (.*?)\n(\S[^\n]*  \(cost=.*)", re.DOTALL)
READS_TABLE = re.compile(r"\b(?:from|join)\s+public\.")


@dataclass(frozen=True)
class Statement:
    """A statement that has run: `plan` is EXPLAIN's text, `settings` are the planner's, where not the default."""

    text: str
    duration: str
    plan: str
    settings: str

    def __str__(self) -> str:
        """Its purpose as a heading, its text and its plan."""
        purpose = next((purpose for mark, purpose in PURPOSES.items() if mark in self.text), "Another statement")
        # PL/pgSQL leaves blanks where INTO stood.
        first, _, rest = re.sub(r"(?<=\S) {2,}", " ", self.text).partition("\n")
        text = f"{first}\n{textwrap.dedent(rest)}".strip()
        return f"=== {purpose} ({self.duration})\n\n{textwrap.indent(text, '    ')}\n\n{self.plan}\n"


def explain(database_url: str, arguments: Mapping[str, object]) -> Iterator[str]:
    """Run one call of the function, read only, and tell its plans paragraph by paragraph.

    `arguments` are the function's own. StackError if it cannot be called there, or as a superuser, or refuses them.
    """
    try:
        with psycopg.connect(database_url) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
            _load(connection)
            yield from _told(*_run(connection, arguments))
    except psycopg.Error as error:
        hint = f"\n{error.diag.message_hint}" if error.diag.message_hint else ""
        raise StackError(f"{error.diag.message_primary or error}{hint}") from None


def _load(connection: psycopg.Connection[Any]) -> None:
    """Make the connection tell its plans."""
    try:
        connection.execute("load 'auto_explain'")
    except errors.InsufficientPrivilege:
        raise StackError(
            f"{connection.info.user!r} is no superuser, and only one may load auto_explain: set DATABASE_URL to one's"
        ) from None
    except errors.UndefinedFile:
        raise StackError("the server has no auto_explain: install PostgreSQL's contrib modules there") from None
    for name, value in SETTINGS.items():
        connection.execute("select set_config(%s, %s, false)", [name, value])


def _run(
    connection: psycopg.Connection[Any], arguments: Mapping[str, object]
) -> tuple[list[Statement], int, dict[str, str]]:
    """What ran during one call, the number of rows that it returned, and the rest of its answer."""
    statements: list[Statement] = []

    def notice(diagnostic: errors.Diagnostic) -> None:
        found = MESSAGE.fullmatch(diagnostic.message_primary or "")
        if found:
            plan, _, settings = found[3].partition("\nSettings: ")
            statements.append(Statement(found[2], found[1], plan, settings))

    named = sql.SQL(", ").join(
        sql.SQL("{} => {}").format(sql.Identifier(name), value) for name, value in arguments.items()
    )
    # Counted there: a page may be a hundred megabytes.
    call = sql.SQL("select count(*) from api.session_events({})").format(named)
    connection.add_notice_handler(notice)
    (returned,) = connection.execute(call).fetchone() or (0,)
    connection.remove_notice_handler(notice)
    (headers,) = connection.execute("select current_setting('response.headers')::json").fetchone() or ([],)
    return statements, returned, {name: value for header in headers for name, value in header.items()}


def _told(statements: list[Statement], returned: int, headers: Mapping[str, str]) -> Iterator[str]:
    inner = [statement for statement in statements if READS_TABLE.search(statement.text)]
    yield f"The planner's settings, pinned by events_internal.session_events_page():\n{_lines(inner[0].settings)}\n"
    yield from map(str, inner)
    yield f"=== The answer ({statements[-1].duration} with all plans measured)\n"
    yield f"{returned} of {headers['Total-Count']} events. Cursor for the next poll:\n    {headers['Events-Cursor']}"


def _lines(settings: str) -> str:
    return textwrap.indent(settings.replace(", ", "\n"), "    ")
