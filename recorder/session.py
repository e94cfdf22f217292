"""Writes one recorded command as a session of the parent product: a session, its one step and their events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from recorder import statements
from recorder.text import shortened

Status = Literal["completed", "failed", "cancelled"]

_CONNECT_SECONDS = 10
_STATEMENT_SECONDS = 30
_NAME_LENGTH = 255  # steps.name


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended. `reason` says in words why the status is not completed; `facts` go into event_data."""

    status: Status
    reason: str | None
    facts: Mapping[str, Any]


def connect(database_url: str, session_id: UUID) -> psycopg.Connection:
    """A connection that commits each statement and gives up on a silent server. Raises psycopg.Error."""
    return psycopg.connect(
        database_url,
        autocommit=True,
        connect_timeout=_CONNECT_SECONDS,
        tcp_user_timeout=_STATEMENT_SECONDS * 1000,
        options=f"-c statement_timeout={_STATEMENT_SECONDS}s",
        application_name=f"recorder {session_id}",
    )


class Session:
    """One session's rows. Every method raises psycopg.Error where the database does not take them."""

    def __init__(self, connection: psycopg.Connection, session_id: UUID) -> None:
        self.id = session_id
        self._connection = connection
        self._step_id = uuid4()

    def begin(self, command: Sequence[str], shown: str, name: str | None, project_path: str) -> None:
        """Writes the session, its step and the events that open them, all or nothing.

        `command` is stored as given here; `shown` is the same as one line for people.
        """
        title = shortened(name or shown, _NAME_LENGTH)
        now = _now()
        with self._connection.transaction():
            self._connection.execute(
                statements.INSERT_SESSION,
                {
                    "id": self.id,
                    "session_type": "recorded_command",
                    "status": "in_progress",
                    "mode": "autonomous",
                    "project_path": project_path,
                    "config": Jsonb({"command": list(command), "name": title}),
                    "result": None,
                    "error_message": None,
                    "created_at": now,
                    "updated_at": now,
                    "completed_at": None,
                },
            )
            self._connection.execute(
                statements.INSERT_STEP,
                {
                    "id": self._step_id,
                    "session_id": self.id,
                    "code": "run_command",
                    "name": title,
                    "status": "in_progress",
                    "sequence": 1,
                    "inputs": Jsonb({"command": list(command), "project_path": project_path}),
                    "outputs": None,
                    "error_message": None,
                    "retry_count": 0,
                    "started_at": now,
                    "completed_at": None,
                    "created_at": now,
                },
            )
            self.event("session_created", f"Session created: {title}", {"command": list(command)}, step=False)
            self.event("workflow_started", "Recording started", {"project_path": project_path}, step=False)
            self.event("step_started", f"$ {shown}", {"code": "run_command", "sequence": 1})

    def event(self, event_type: str, message: str, data: Mapping[str, Any], *, step: bool = True) -> None:
        """Writes one event, of the step or only of the session, with the time at which it is written."""
        self._connection.execute(
            statements.INSERT_EVENT,
            {
                "id": uuid4(),
                "session_id": self.id,
                "step_id": self._step_id if step else None,
                "event_type": event_type,
                "event_data": Jsonb(dict(data)),
                "message": message,
                "timestamp": _now(),
            },
        )

    def end(self, outcome: Outcome) -> None:
        """Ends the step and the session and writes the events that close them, all or nothing."""
        facts = Jsonb(dict(outcome.facts))
        words = outcome.status if outcome.reason is None else f"{outcome.status}: {outcome.reason}"
        with self._connection.transaction():
            self.event("step_completed", f"Command {words}", {"status": outcome.status, **outcome.facts})
            if outcome.status == "cancelled":
                change = {"from": "in_progress", "to": "cancelled"}
                self.event("status_changed", f"Session {words}", {**change, **outcome.facts}, step=False)
            else:
                self.event(f"workflow_{outcome.status}", f"Session {words}", outcome.facts, step=False)
            now = _now()
            self._connection.execute(
                statements.END_STEP,
                {
                    "id": self._step_id,
                    # a step knows no status cancelled in the parent product
                    "status": "completed" if outcome.status == "completed" else "failed",
                    "outputs": facts,
                    "error_message": outcome.reason,
                    "ended_at": now,
                },
            )
            self._connection.execute(
                statements.END_SESSION,
                {
                    "id": self.id,
                    "status": outcome.status,
                    "result": facts,
                    "error_message": outcome.reason,
                    "ended_at": now,
                },
            )

    def resume(self, connection: psycopg.Connection) -> None:
        """Goes on through another connection after the first was lost."""
        self._connection = connection


def _now() -> datetime:
    return datetime.now(UTC)
