"""Roles belong to the cluster: two databases share them."""

import psycopg

from stack import migrations
from stack.datadir import private_directory
from stack.postgres import cluster
from stack.postgrest import authenticator_uri
from tests.support.long import long
from tests.support.rows import add_session

OURS = "select count(*) from pg_roles where rolname like 'session\\_events\\_%'"


@long
def test_revert_leaves_the_other_database_working() -> None:
    """A revert in one database should leave the other one's way in as it is, and the last one take the roles along."""
    with private_directory() as directory, cluster(directory / "postgres", settings={"fsync": "off"}) as server:
        first, second = server.dsn("first"), server.dsn("second")
        for name in ("first", "second"):
            server.create_database(name)
            migrations.deploy(server.dsn(name))

        with psycopg.connect(second) as owner:
            session_id = add_session(owner)
        uri = authenticator_uri(second)
        migrations.revert(first)
        migrations.verify(second)
        with psycopg.connect(uri) as connection:
            connection.execute("set role session_events_reader")
            assert connection.execute("select * from api.session_events(%s)", [session_id]).fetchall() == []
            assert connection.execute("show statement_timeout").fetchone() is not None

        with psycopg.connect(second) as owner:
            owner.execute("delete from sessions")
        migrations.revert(second)
        with psycopg.connect(second) as owner:
            assert owner.execute(OURS).fetchone() == (0,)
