"""How the nodes of a running cluster are."""

from collections.abc import Mapping

import psycopg

from stack.health import healthy

_LINE = "{:<8}{:<10}{:<9}{:<16}{}"
_STATE = """
    select
        case when pg_is_in_recovery() then 'standby' else 'leader' end,
        c.timeline_id::text,
        (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end)::text
    from pg_control_checkpoint() as c
"""
_SUFFIX = "_DATABASE_URL"
_CONNECT_SECONDS = "2"


def status(values: Mapping[str, str]) -> tuple[list[str], bool]:
    """A line for each node in `values` (cluster.env), one for HAProxy, and whether all is well."""
    lines, leaders, well = [_LINE.format("node", "is", "timeline", "position", "/ready")], 0, True
    for name in (key.removesuffix(_SUFFIX) for key in values if key.endswith(_SUFFIX)):
        state, ready = _state(values[name + _SUFFIX]), healthy(values[f"{name}_PROXY_URL"])
        lines.append(_LINE.format(name.lower(), *state, "yes" if ready else "no"))
        leaders += state[0] == "leader"
        well = well and ready
    front = healthy(values["PROXY_URL"])
    lines.append(f"{values['PROXY_URL']}/ready: {'yes' if front else 'no'}")
    return lines, well and front and leaders == 1


def _state(url: str) -> tuple[str, str, str]:
    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS) as connection:
            row = connection.execute(_STATE).fetchone()
    except psycopg.OperationalError:
        row = None
    return row or ("away", "-", "-")
