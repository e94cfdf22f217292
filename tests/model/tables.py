"""Writes the model's events."""

from typing import Any
from uuid import UUID

import psycopg

from tests.model.moments import postgres
from tests.model.oracle import Written
from tests.model.strategies import Draft


def written(draft: Draft, run: int, session_id: UUID, step_id: UUID | None) -> Written:
    """The event of a draft; `run` (64 bits) makes an id that no earlier example has had, and `order` still decides."""
    return Written(
        id=UUID(int=draft.order << 64 | run),
        session_id=session_id,
        step_id=step_id if draft.with_step else None,
        event_type=draft.event_type,
        moment=draft.moment,
        message=draft.message,
        event_data=draft.event_data,
    )


def write(connection: psycopg.Connection[Any], events: list[Written]) -> None:
    """One COPY: one transaction, unless the connection is in one."""
    statement = "copy public.events (id, session_id, step_id, event_type, event_data, message, timestamp) from stdin"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for event in events:
            copy.write_row(
                (
                    event.id,
                    event.session_id,
                    event.step_id,
                    event.event_type,
                    event.event_data,
                    event.message,
                    postgres(event.moment),
                )
            )
