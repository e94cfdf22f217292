"""A verify script that proves nothing is worse than none: each is shown what it must not accept."""

import re
from collections.abc import Callable

import pytest

from stack import migrations
from stack.binaries import REPOSITORY
from stack.errors import StackError
from stack.migrations import changes
from tests.migrations.scripts import psql, script

# The change of each function, and its whole name.
FUNCTIONS = {
    file.stem: re.findall(r"^create or replace function (\w+\.\w+)\(", file.read_text(), re.MULTILINE)[0]
    for file in sorted((REPOSITORY / "db" / "functions").glob("*.sql"))
    if file.stem != "execute_patiently"
}
API = FUNCTIONS["session_events"]
BOUND_TO_AN_IMPOSTOR = """
create function public.impostor(text) returns text language sql return $1;
create or replace function events_internal.token_head(p_text text) returns bytea language sql
return public.impostor(p_text)::bytea;
"""
BREAKAGES = [
    ("preconditions", "create role somebody; grant create on schema api to somebody"),
    ("preconditions", "create role somebody; grant create on schema events_internal to somebody"),
    ("preconditions", "create role somebody; alter schema api owner to somebody"),
    ("preconditions", "create role somebody; alter procedure events_internal.execute_patiently owner to somebody"),
    ("preconditions", "create role somebody; create table api.trap (); alter table api.trap owner to somebody"),
    ("preconditions", "grant create on schema events_internal to public"),
    ("sessions", "drop table public.sessions cascade"),
    ("sessions", "alter table public.sessions enable row level security"),
    ("events", "alter table public.events enable row level security"),
    ("events", "alter table public.events rename to hidden; create view public.events as select * from public.hidden"),
    ("sessions", "alter table public.sessions drop column status"),
    ("sessions", "alter table public.sessions alter column created_at type timestamp"),
    ("steps", "drop table public.steps cascade"),
    ("steps", "alter table public.steps drop column session_id"),
    ("events", "drop table public.events cascade"),
    ("events", "alter table public.events drop column message"),
    ("events", "alter table public.events alter column event_data type json"),
    ("events", 'alter table public.events alter column "timestamp" type timestamp'),
    ("roles", "revoke session_events_reader from session_events_authenticator"),
    ("roles", "revoke pg_read_all_stats from session_events_definer"),
    ("roles", "alter role session_events_reader superuser"),
    ("roles", "alter role session_events_definer login"),
    ("privileges", "grant select (key) on events_internal.epoch to session_events_reader"),
    ("privileges", "alter function events_internal.timeline_end reset search_path"),
    ("answers", "alter function events_internal.answers reset row_security"),
    ("schemas", "alter schema api rename to another"),
    ("schemas", "drop schema events_internal cascade"),
    ("execute_patiently", "drop procedure events_internal.execute_patiently"),
    ("events_insert_xid", "alter table public.events drop column insert_xid cascade"),
    ("events_insert_xid", "alter table public.events alter column insert_xid drop not null"),
    ("events_insert_xid", "alter table public.events alter column insert_xid drop default"),
    ("events_insert_xid", "alter table public.events alter column insert_xid set default '3'::xid8"),
    ("events_autovacuum", "alter table public.events reset (autovacuum_vacuum_insert_threshold)"),
    *(
        (index, breakage)
        for index in ("events_by_time", "events_by_type", "events_by_xid")
        for breakage in (
            f"drop index public.{index}",
            f"update pg_index set indisvalid = false where indexrelid = 'public.{index}'::regclass",  # noqa: S608
            f"drop index public.{index}; create index {index} on public.events (session_id)",
        )
    ),
    ("session_event", "drop type api.session_event cascade"),
    ("session_event", "alter type api.session_event drop attribute message cascade"),
    *((change, f"drop function {function} cascade") for change, function in FUNCTIONS.items()),
    ("events_stamped", "drop trigger stamp_writer on public.events"),
    ("events_stamped", "alter table public.events enable trigger stamp_writer"),
    ("epoch", "drop table events_internal.epoch"),
    ("octet_stream", 'drop domain api."application/octet-stream" cascade'),
    ("answer_types", "drop type events_internal.walk cascade"),
    ("session_events", f"alter function {API} security invoker"),
    ("session_events", f"alter function {API} stable"),
    ("session_events", f"alter function {API} reset search_path"),
    ("answer_polls", f"alter function {FUNCTIONS['answer_polls']} security invoker"),
    ("answer_polls", f"alter function {FUNCTIONS['answer_polls']} owner to current_user"),
    ("privileges", f"revoke execute on function {API} from session_events_reader"),
    ("privileges", "revoke usage on schema api from session_events_reader"),
    ("privileges", "grant select on public.events to session_events_reader"),
    ("privileges", "grant usage on schema events_internal to public"),
    ("privileges", "revoke select on public.sessions from session_events_definer"),
    ("privileges", "grant delete on public.events to session_events_definer"),
    ("privileges", "grant insert on public.steps to session_events_reader"),
    ("privileges", "grant execute on function events_internal.history to public"),
    ("privileges", "grant execute on function events_internal.history to session_events_reader"),
    ("privileges", f"grant execute on function {API} to session_events_authenticator"),
    ("privileges", f"grant execute on function {API} to public"),
    ("privileges", "grant create on schema api to session_events_reader"),
    ("privileges", f"revoke execute on function {FUNCTIONS['writer_horizon']} from session_events_definer"),
    ("privileges", f"alter function {FUNCTIONS['history']} security definer"),
    ("privileges", f"alter function {API} owner to current_user"),
    ("privileges", "alter function events_internal.timeline_end owner to session_events_definer"),
    ("privileges", BOUND_TO_AN_IMPOSTOR),
    ("privileges", "grant select on events_internal.epoch to session_events_reader"),
    ("privileges", "revoke select on events_internal.epoch from session_events_definer"),
]


@pytest.fixture(scope="module")
def dsn(database: Callable[[str], str], deployed_template: str) -> str:
    """One database for all: every breakage is rolled back."""
    return database(deployed_template)


def verify(dsn: str, change: str, breakage: str) -> tuple[bool, str]:
    """Whether a verify script accepts a broken database, which is whole again afterwards; and what it said."""
    steps = ("--command", "begin", "--command", breakage, "--command", "select 'broken'")
    result = psql(dsn, *steps, "--file", str(script("verify", change)), "--command", "rollback")
    assert "broken" in result.stdout, result.stdout
    return result.returncode == 0, result.stdout


@pytest.mark.parametrize(("change", "breakage"), BREAKAGES)
def test_breakage_seen(dsn: str, change: str, breakage: str) -> None:
    """A verify script should fail where what its change made is broken, and say what is wrong."""
    accepted, said = verify(dsn, change, breakage)
    assert not accepted, f"verify/{change}.sql accepts: {breakage}\n{said}"
    assert "division by zero" not in said, f"verify/{change}.sql does not say what is wrong:\n{said}"


@pytest.mark.parametrize("change", changes())
def test_whole_accepted(dsn: str, change: str) -> None:
    """A verify script should pass where nothing is broken."""
    accepted, said = verify(dsn, change, "select 1")
    assert accepted, said


def test_every_change_broken() -> None:
    """No verify script should be left out of this."""
    assert {change for change, _ in BREAKAGES} == set(changes())


def test_sqitch_verify(deployed: str) -> None:
    """Sqitch itself should pass on a whole database and fail on a broken one, naming the change."""
    migrations.verify(deployed)
    assert psql(deployed, "--command", "drop index public.events_by_type").returncode == 0
    with pytest.raises(StackError, match=r"events_by_type[ .]+.*not ok|events_by_type\.sql"):
        migrations.verify(deployed)
