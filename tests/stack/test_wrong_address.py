"""PGRST_DB_URI leads elsewhere: what the logs say then stands in docs/operations.md, with what to do."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from addresses import conninfo
from stack.binaries import REPOSITORY
from stack.errors import StackError
from stack.health import healthy
from stack.postgres import Cluster
from stack.postgrest import authenticator_uri, postgrest
from stack.process import Running
from stack.proxy import proxy
from stack.rundir import run_directory
from tests.support.waiting import wait_until

OPERATIONS = (REPOSITORY / "docs" / "operations.md").read_text()


@pytest.fixture
def uri(cluster: Cluster) -> Callable[..., str]:
    """The right PGRST_DB_URI of the running stack, but for what is given."""
    right = conninfo.parameters(authenticator_uri(cluster.dsn("testboost", tcp=True)))
    return lambda **wrong: conninfo.uri({**right, **wrong})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password": "wrong"}, "password authentication failed"),
        ({"dbname": "nowhere"}, "does not exist"),
        ({"port": "1"}, "Connection refused"),
        ({"host": "nowhere.invalid"}, "could not translate host name"),
    ],
    ids=["password", "database", "port", "host"],
)
def test_postgrest_says_why_it_ends(uri: Callable[..., str], wrong: dict[str, str], said: str, tmp_path: Path) -> None:
    """PostgREST should end where its database does not let it in, and say why in words that the document has."""
    ends = {"PGRST_DB_POOL_AUTOMATIC_RECOVERY": "false"}
    with run_directory(tmp_path / "run") as directory, pytest.raises(StackError, match="ended with status 1") as ended:
        postgrest(uri(**wrong), directory / "rest", env=ends).__enter__()
    assert said in str(ended.value)
    assert f"`{said}`" in OPERATIONS


def test_not_deployed(cluster: Cluster, uri: Callable[..., str], tmp_path: Path) -> None:
    """A database to which nothing was deployed should make /ready a 503, and the proxy's log say which function."""
    with run_directory(tmp_path / "run") as directory, postgrest(uri(dbname="postgres"), directory / "rest") as rest:
        assert_said(rest, "PGRST202", tmp_path)


def test_other_role(cluster: Cluster, uri: Callable[..., str], tmp_path: Path) -> None:
    """A role that may not act as the reader should make /ready a 503, and the proxy's log name the reader."""
    with psycopg.connect(cluster.dsn("testboost"), autocommit=True) as connection:
        connection.execute("create role another login password 'another'")
        try:
            other = uri(user="another", password="another")
            with run_directory(tmp_path / "run") as directory, postgrest(other, directory / "rest") as rest:
                assert_said(rest, "permission denied to set role", tmp_path)
        finally:
            connection.execute("drop role another")


def assert_said(rest: Running, words: str, directory: Path) -> None:
    """A proxy over it is not ready, and its log has the words that the document has."""
    with proxy(rest.url, log=directory / "proxy.log") as front:
        assert not healthy(front.url)
        wait_until(lambda: words in front.log_path.read_text(), f"the log has {words}")
    assert f"`{words}" in OPERATIONS
