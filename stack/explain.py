"""What api.session_events() really does: its plans, told by auto_explain; without that, how much it reads."""

import re
import textwrap
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors, sql

from stack.errors import StackError

_SETTINGS = {
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
_PURPOSES = {
    "asked_polls(": "The session, and what a cursor has not told",
    ") as counted": "The count",
    "unseen_events(": "The page: what the cursor has not told, sorted",
    "p_walk.": "The page: a range of an index, newest first",
}
# Where an answer says how to go on from it, and the argument that takes it.
_BOOKMARKS = {"cursor": ("Events-Cursor", "p_cursor"), "next": ("Events-Next", "p_next")}
_MESSAGE = re.compile(r"duration: (\S+ ms)  plan:\nQuery Text: (.*?)\n(\S[^\n]*  \(cost=.*)", re.DOTALL)
_READS_TABLE = re.compile(r" on (?:public\.)?(?:sessions|events) ")

_COUNTERS = """
select
    c.relname, pg_catalog.pg_stat_get_xact_numscans(c.oid), pg_catalog.pg_stat_get_xact_tuples_returned(c.oid),
    pg_catalog.pg_stat_get_xact_tuples_fetched(c.oid), pg_catalog.pg_stat_get_xact_blocks_fetched(c.oid)
from pg_catalog.pg_class as c
left join pg_catalog.pg_index as i on i.indexrelid = c.oid
where coalesce(i.indrelid, c.oid) in ('public.sessions'::pg_catalog.regclass, 'public.events'::pg_catalog.regclass)
order by 1
"""


@dataclass(frozen=True)
class Statement:
    """A statement that has run: `plan` is EXPLAIN's text, `settings` are the planner's, where not the default."""

    text: str
    duration: str
    plan: str
    settings: str

    def __str__(self) -> str:
        """Its purpose as a heading, its text and its plan."""
        purpose = next((purpose for mark, purpose in _PURPOSES.items() if mark in self.text), "Another statement")
        # PL/pgSQL leaves blanks where INTO stood.
        first, _, rest = re.sub(r"(?<=\S) {2,}", " ", self.text).partition("\n")
        text = f"{first}\n{textwrap.dedent(rest)}".strip()
        return f"=== {purpose} ({self.duration})\n\n{textwrap.indent(text, '    ')}\n\n{self.plan}\n"


def explain(database_url: str, arguments: Mapping[str, object], bookmark: str = "") -> Iterator[str]:
    """Runs one call of the function, read only, and tells its plans paragraph by paragraph.

    Without auto_explain it tells how much the call has read of each table and index. With a `bookmark`, `cursor` or
    `next`, that is the call of a client that goes on so from the answer to these `arguments`.

    Raises:
        StackError: the function cannot be called there, or refuses these `arguments`.
    """
    try:
        with psycopg.connect(database_url) as connection:
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
            # A signal that comes while libpq hands over a notice ends the program before it can cancel the query.
            connection.execute("set client_connection_check_interval = '1s'")
            if bookmark:
                arguments = _continued(connection, arguments, bookmark)
            missing = _load(connection)
            if missing is None:
                yield from _told(*_run(connection, arguments))
            else:
                yield f"{missing}, so there are no plans; this is what the call has read.\n"
                yield from _counted(connection, arguments)
    except psycopg.Error as error:
        hint = f"\n{error.diag.message_hint}" if error.diag.message_hint else ""
        raise StackError(f"{error.diag.message_primary or error}{hint}") from None


def _continued(
    connection: psycopg.Connection[Any], arguments: Mapping[str, object], bookmark: str
) -> Mapping[str, object]:
    header, argument = _BOOKMARKS[bookmark]
    _call(connection, arguments)
    headers = _headers(connection)
    if header not in headers:
        raise StackError("there is no next page: the session's events are fewer than they were, or than --limit")
    kept = ("p_session_id",) if bookmark == "next" else (*arguments,)
    return {**{name: arguments[name] for name in kept}, argument: headers[header]}


def _load(connection: psycopg.Connection[Any]) -> str | None:
    """Makes the connection tell its plans; why that is not to be had, else None."""
    try:
        with connection.transaction():
            connection.execute("load 'auto_explain'")
    except errors.InsufficientPrivilege:
        return f"{connection.info.user!r} is no superuser, and only one may load auto_explain"
    except errors.UndefinedFile:
        return "the server has no auto_explain, one of PostgreSQL's contrib modules"
    for name, value in _SETTINGS.items():
        connection.execute("select set_config(%s, %s, false)", [name, value])
    return None


def _run(
    connection: psycopg.Connection[Any], arguments: Mapping[str, object]
) -> tuple[list[Statement], int, dict[str, str]]:
    """Returns what ran during one call, the number of rows that it returned, and the rest of its answer."""
    statements: list[Statement] = []

    def notice(diagnostic: errors.Diagnostic) -> None:
        found = _MESSAGE.fullmatch(diagnostic.message_primary or "")
        if found:
            plan, _, settings = found[3].partition("\nSettings: ")
            statements.append(Statement(found[2], found[1], plan, settings))

    connection.add_notice_handler(notice)
    returned = _call(connection, arguments)
    connection.remove_notice_handler(notice)
    return statements, returned, _headers(connection)


def _call(connection: psycopg.Connection[Any], arguments: Mapping[str, object]) -> int:
    """Calls the function; the number of rows that it returned."""
    named = sql.SQL(", ").join(
        sql.SQL("{} => {}").format(sql.Identifier(name), value) for name, value in arguments.items()
    )
    # Counted there: a page may be a hundred megabytes.
    call = sql.SQL("select count(*) from api.session_events({})").format(named)
    (returned,) = connection.execute(call).fetchone() or (0,)
    return int(returned)


def _headers(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """What the last call answered beside its rows."""
    (headers,) = connection.execute("select current_setting('response.headers')::json").fetchone() or ([],)
    return {name: value for header in headers for name, value in header.items()}


def _counted(connection: psycopg.Connection[Any], arguments: Mapping[str, object]) -> Iterator[str]:
    before = _counters(connection)
    began = time.perf_counter()
    returned = _call(connection, arguments)
    duration = time.perf_counter() - began
    yield f"{'relation':<32}{'scans':>8}{'entries read':>15}{'rows fetched':>15}{'pages touched':>15}"
    for name, after in _counters(connection).items():
        counts = [new - old for new, old in zip(after, before[name], strict=True)]
        # Planning looks at a page of each index.
        if any(counts[:3]) or name in {"sessions", "events"}:
            yield f"{name:<32}{counts[0]:>8}{counts[1]:>15}{counts[2]:>15}{counts[3]:>15}"
    yield f"\n{_answer(returned, _headers(connection), f'{duration * 1000:.3f} ms')}"


def _counters(connection: psycopg.Connection[Any]) -> dict[str, tuple[int, ...]]:
    """What this transaction has done to each of our relations: scans, entries read, rows fetched, pages touched."""
    rows = connection.execute(_COUNTERS).fetchall()
    return {name: tuple(counts) for name, *counts in rows}


def _told(statements: list[Statement], returned: int, headers: Mapping[str, str]) -> Iterator[str]:
    inner = [statement for statement in statements if _READS_TABLE.search(statement.plan)]
    yield f"The planner's settings, pinned by events_internal.answers():\n{_lines(inner[0].settings)}\n"
    yield from map(str, inner)
    yield _answer(returned, headers, f"{statements[-1].duration} with all plans measured")


def _answer(returned: int, headers: Mapping[str, str], duration: str) -> str:
    further = f"    next {headers['Events-Next']}\n" if "Events-Next" in headers else ""
    return (
        f"=== The answer ({duration})\n\n"
        f"{returned} of {headers['Total-Count']} events. To go on:\n{further}    cursor {headers['Events-Cursor']}"
    )


def _lines(settings: str) -> str:
    return textwrap.indent(re.sub(r"', (?=\w)", "'\n", settings), "    ")
