"""PostgREST, on a unix socket."""

import http.client
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from addresses import conninfo
from pulse.postgrest import status
from stack import binaries
from stack.binaries import REPOSITORY
from stack.errors import StackError
from stack.process import Running, plain_environment, running

AUTHENTICATOR = "session_events_authenticator"
# Under a supervisor it ends when the database is away, and is started again when that is back: by itself it would try
# to connect again only after pauses of up to 32 s.
SUPERVISED = {"PGRST_DB_POOL_AUTOMATIC_RECOVERY": "false"}
_CONNECT_SECONDS = 2
# One for the life of this process: a PostgREST that was started earlier keeps its way in when another one is.
_PASSWORD = secrets.token_urlsafe(32)


def authenticator_uri(owner_dsn: str, password: str = _PASSWORD) -> str:
    """The URI that PostgREST connects with; its role gets this password, as only the roles' owner can do."""
    with psycopg.connect(owner_dsn) as connection:
        # A verifier, made here: the password itself could be read in pg_stat_statements or in the log.
        verifier = connection.pgconn.encrypt_password(password.encode(), AUTHENTICATOR.encode(), b"scram-sha-256")
        statement = sql.SQL("alter role {} password {}")
        connection.execute(statement.format(sql.Identifier(AUTHENTICATOR), sql.Literal(verifier.decode())))
    return login_uri(owner_dsn, password)


def login_uri(owner_dsn: str, password: str) -> str:
    """The URI of PostgREST's role in the owner's database."""
    return conninfo.uri({**conninfo.parameters(owner_dsn), "user": AUTHENTICATOR, "password": password})


@contextmanager
def postgrest(
    db_uri: str, socket_path: Path, *, env: Mapping[str, str] = {}, log: Path | None = None
) -> Iterator[Running]:
    """PostgREST with the repository's postgrest.conf, on the unix socket `socket_path`; `env` holds further settings.

    Ready means that it has read the schema: it no longer answers 503. Its log is `log`, or stands beside the socket.
    """
    log = log or socket_path.with_suffix(".log")
    if len(str(socket_path).encode()) > 100:
        raise StackError(f"the path is too long for a unix socket: {socket_path}")
    environment = {
        **plain_environment(),
        **env,
        "PGRST_DB_URI": db_uri,
        "PGRST_SERVER_UNIX_SOCKET": str(socket_path),
    }
    socket_path.unlink(missing_ok=True)  # PostgREST, killed, leaves it behind
    command = [binaries.postgrest(), REPOSITORY / "postgrest.conf"]
    try:
        with running(command, env=environment, log=log, ready=lambda: _has_schema(socket_path)) as program:
            yield Running(f"unix://{socket_path}", program)
    finally:
        socket_path.unlink(missing_ok=True)


def answers(url: str, seconds: float) -> bool:
    """Whether the PostgREST at `url` answers within `seconds`, whatever it says; the database has no share in it."""
    return status(Path(url.removeprefix("unix://")), seconds) is not None


def refused(db_uri: str) -> str | None:
    """Why its connection to the database would fail now; None if it would not."""
    try:
        psycopg.connect(db_uri, connect_timeout=_CONNECT_SECONDS).close()
    except psycopg.Error as error:
        return str(error).partition("\n")[0]
    return None


def _has_schema(socket_path: Path) -> bool:
    return status(socket_path, 5) not in {None, http.HTTPStatus.SERVICE_UNAVAILABLE}
