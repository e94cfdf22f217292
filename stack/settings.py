"""What the environment says about the stack in `.local/`."""

import errno
import os
import socket
from pathlib import Path

import psycopg

from addresses import conninfo
from addresses.conninfo import ConninfoError
from stack.datadir import password_file
from stack.errors import StackError

_CONNECT_SECONDS = "10"


def proxy_port() -> int:
    """PROXY_PORT (default 8000; 0 is any free one); StackError naming it if it is no port or taken."""
    text = os.environ.get("PROXY_PORT", "8000")
    if not (text.isascii() and text.isdigit() and int(text) < 65536):
        raise StackError(f"PROXY_PORT is {text!r}: expected a number from 0 to 65535")
    host = os.environ.get("PROXY_HOST", "127.0.0.1")
    try:
        socket.create_server((host, int(text)), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise StackError(f"PROXY_PORT {text} is taken on {host}: set PROXY_PORT to a free one") from error
        raise StackError(f"PROXY_HOST {host} with PROXY_PORT {text} cannot be used: {error.strerror}") from error
    return int(text)


def writable(database_url: str) -> None:
    """StackError where the database of DATABASE_URL takes no connection, or can only be read."""
    where = conninfo.without_password(database_url)
    patient = conninfo.uri({"connect_timeout": _CONNECT_SECONDS, **conninfo.parameters(database_url)})
    try:
        with psycopg.connect(patient) as connection:
            is_standby = connection.execute("select pg_is_in_recovery()").fetchone() == (True,)
    except psycopg.OperationalError as error:
        reason = str(error).partition("\n")[0]
        raise StackError(f"DATABASE_URL leads to no database ({where}): {reason}") from None
    if is_standby:
        raise StackError(
            f"DATABASE_URL leads to a standby ({where}), which can only be read: "
            "name its primary, or all servers with target_session_attrs=read-write"
        )


def database_url(directory: Path) -> str | None:
    """DATABASE_URL as a URI, or None where the stack shall run its own cluster in `directory`.

    That is also where DATABASE_URL came from this stack's own stack.env.
    """
    text = os.environ.get("DATABASE_URL")
    if not text:
        return None
    try:
        values = conninfo.parameters(text)
    except ConninfoError as error:
        raise StackError(f"DATABASE_URL is {error}") from None
    own = password_file(directory / "postgres")
    if own.exists() and own.read_text() == values.get("password"):
        return None
    return conninfo.uri(values)
