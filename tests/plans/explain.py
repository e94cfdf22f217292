"""The plans that PostgreSQL really ran inside the function, by auto_explain."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg

SETTINGS = {
    "log_min_duration": "0",
    "log_nested_statements": "on",
    "log_analyze": "on",
    "log_timing": "off",
    "log_format": "json",
    "log_level": "notice",
}


@dataclass
class Statement:
    """One statement inside the function: its text, and its plan's nodes with what they really did."""

    text: str
    plan: dict[str, Any]

    @property
    def nodes(self) -> list[dict[str, Any]]:
        """All nodes, parents first."""
        return list(_nodes(self.plan))

    def scans(self) -> list[dict[str, Any]]:
        """The nodes that read public.events."""
        return [node for node in self.nodes if node.get("Relation Name") == "events"]

    def __str__(self) -> str:
        """The statement and its plan, for the message of a failure."""
        return f"{self.text}\n{json.dumps(self.plan, indent=1)}"


@dataclass
class Explained:
    """The statements of one call that read public.events, by what they are for."""

    statements: list[Statement] = field(default_factory=list)

    def one(self, purpose: str) -> Statement:
        """The statement for the `polls` (with what a cursor has not told), the `count` or the `page` (the rows)."""
        found = self.all(purpose)
        assert len(found) == 1, f"{len(found)} statements for {purpose}"
        return found[0]

    def all(self, purpose: str) -> list[Statement]:
        """All statements for one purpose."""
        return [statement for statement in self.statements if _purpose(statement.text) == purpose]


def _purpose(text: str) -> str:
    if "events_internal.asked_polls(" in text:
        return "polls"
    return "count" if ") as counted" in text else "page"


@contextmanager
def explaining(connection: psycopg.Connection[Any]) -> Iterator[Explained]:
    """Collects what runs meanwhile on a connection of a superuser."""
    explained = Explained()

    def notice(diagnostic: psycopg.errors.Diagnostic) -> None:
        _, found, plan = (diagnostic.message_primary or "").partition("plan:\n")
        if found:
            statement = json.loads(plan)
            if re.search(r"public\.events as|count_unseen\(|unseen_events\(", statement["Query Text"]):
                explained.statements.append(Statement(statement["Query Text"], statement["Plan"]))

    connection.add_notice_handler(notice)
    connection.execute("load 'auto_explain'")
    for name, value in SETTINGS.items():
        connection.execute("select set_config(%s, %s, false)", [f"auto_explain.{name}", value])
    try:
        yield explained
    finally:
        connection.remove_notice_handler(notice)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)
