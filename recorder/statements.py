"""Every SQL statement of the recorder.

The columns are always listed: `events.insert_xid` has a default in the database and no writer may name it.
"""

from typing import LiteralString

INSERT_SESSION: LiteralString = """
    insert into public.sessions
        (id, session_type, status, mode, project_path, config, result, error_message,
         created_at, updated_at, completed_at)
    values
        (%(id)s, %(session_type)s, %(status)s, %(mode)s, %(project_path)s, %(config)s, %(result)s, %(error_message)s,
         %(created_at)s, %(updated_at)s, %(completed_at)s)
"""

INSERT_SESSION_ONCE: LiteralString = INSERT_SESSION + " on conflict (id) do nothing"

SESSION_EXISTS: LiteralString = "select exists (select from public.sessions where id = %(id)s)"

END_SESSION: LiteralString = """
    update public.sessions
    set status = %(status)s, result = %(result)s, error_message = %(error_message)s,
        updated_at = %(ended_at)s, completed_at = %(ended_at)s
    where id = %(id)s
"""

INSERT_STEP: LiteralString = """
    insert into public.steps
        (id, session_id, code, name, status, sequence, inputs, outputs, error_message, retry_count,
         started_at, completed_at, created_at)
    values
        (%(id)s, %(session_id)s, %(code)s, %(name)s, %(status)s, %(sequence)s, %(inputs)s, %(outputs)s,
         %(error_message)s, %(retry_count)s, %(started_at)s, %(completed_at)s, %(created_at)s)
"""

END_STEP: LiteralString = """
    update public.steps
    set status = %(status)s, outputs = %(outputs)s, error_message = %(error_message)s, completed_at = %(ended_at)s
    where id = %(id)s
"""

INSERT_EVENT: LiteralString = """
    insert into public.events (id, session_id, step_id, event_type, event_data, message, timestamp)
    values (%(id)s, %(session_id)s, %(step_id)s, %(event_type)s, %(event_data)s, %(message)s, %(timestamp)s)
"""

COPY_EVENTS: LiteralString = """
    copy public.events (id, session_id, step_id, event_type, event_data, message, timestamp) from stdin
"""
