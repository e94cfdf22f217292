"""Default privileges: what a DBA has arranged for new objects in general is not given away on ours."""

from collections.abc import Iterator

import psycopg
import pytest

from stack import migrations
from stack.errors import StackError
from stack.migrations import changes
from tests.migrations.scripts import psql, query, revert, run, script

WHAT = {"schemas": "usage", "functions": "execute", "types": "usage", "tables": "select, insert"}
HELD = """
select o.object
from (
    select format('schema %s', n.nspname), n.nspowner, n.nspacl
    from pg_namespace as n
    where n.nspname in ('api', 'events_internal')
    union all
    select format('routine %s', p.oid::regprocedure), p.proowner, p.proacl
    from pg_proc as p
    where p.pronamespace in ('api'::regnamespace, 'events_internal'::regnamespace)
    union all
    select format('type %s', t.oid::regtype), t.typowner, t.typacl
    from pg_type as t
    where t.typnamespace = 'api'::regnamespace
    union all
    select format('table %s', c.oid::regclass), c.relowner, c.relacl
    from pg_class as c
    where c.oid in ('public.sessions'::regclass, 'public.steps'::regclass, 'public.events'::regclass)
) as o (object, owner, acl)
cross join aclexplode(o.acl) as a
where a.grantee not in (o.owner, 'session_events_reader'::regrole, 'session_events_definer'::regrole)
"""


@pytest.fixture
def generous(empty: str) -> Iterator[str]:
    """An empty database whose owner gives everybody, and one role, whatever it makes."""
    for kind, privileges in WHAT.items():
        statement = f"alter default privileges grant {privileges} on {kind} to public, grantee, session_events_reader"
        setup = f"do $$ begin create role grantee; exception when duplicate_object then null; end $$; {statement}"
        result = psql(empty, "--command", setup)
        assert result.returncode == 0, result.stdout
    yield empty
    with psycopg.connect(empty) as connection:
        connection.execute("drop owned by grantee; drop role grantee")


@pytest.mark.usefixtures("deployed_template")  # the roles are there already
def test_nothing_given_away(generous: str) -> None:
    """Nobody should hold more than without default privileges, on functions, schemas, type and tables."""
    migrations.deploy(generous)
    migrations.verify(generous)
    assert query(generous, HELD) == []
    (reads,) = query(generous, "select has_table_privilege('session_events_reader', 'public.events', 'select')")
    assert reads == (False,)
    revert(generous)


@pytest.mark.usefixtures("deployed_template")
def test_nothing_executable_meanwhile(generous: str) -> None:
    """Before the last change nobody should be able to read events through a function that is there already."""
    for change in changes()[:-1]:
        run(generous, script("deploy", change))
    result = psql(generous, "--command", "set role grantee; select api.session_events(gen_random_uuid())")
    assert "permission denied" in result.stdout
    run(generous, script("deploy", changes()[-1]))
    revert(generous)


@pytest.mark.parametrize("columns", ["", "(name)"], ids=["table", "column"])
def test_public_may_read_a_table(parent: str, columns: str) -> None:
    """Where the parent product lets everybody read a table, or a column, verify should say so, and what to do."""
    assert psql(parent, "--command", f"grant select {columns} on public.steps to public").returncode == 0
    with pytest.raises(
        StackError, match=r"session_events_reader may select public.steps: revoke it from the role, or from PUBLIC"
    ):
        migrations.deploy(parent)


def test_a_view_beside_the_functions(parent: str) -> None:
    """Where PostgREST's role may read a view in the schema that it exposes, verify should say so."""
    migrations.deploy(parent)
    view = "create view api.everything as select * from public.events"
    assert psql(parent, "--command", f"{view}; grant select on api.everything to session_events_reader").returncode == 0
    with pytest.raises(StackError, match=r"session_events_reader has SELECT on table api\.everything: revoke it"):
        migrations.verify(parent)
