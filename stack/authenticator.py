"""PostgREST's role in a database that is not ours: a password that somebody else gave it is never replaced."""

import secrets
from pathlib import Path

import psycopg
from psycopg import errors

from stack.errors import StackError
from stack.postgrest import AUTHENTICATOR, authenticator_uri, login_uri

# The comment is what db/migrations/deploy/roles.sql leaves on a role that it makes.
_UNTOUCHED = """
    select a.rolpassword is null and shobj_description(a.oid, 'pg_authid') like '%%(created by session-events-api)'
    from pg_authid as a
    where a.rolname = %s
"""


def existing_login(owner_dsn: str, *, given: str | None, kept: Path) -> str:
    """The URI that PostgREST connects with, with the password that its role has.

    That is `given`, or what an earlier start wrote to the file `kept`. With neither the role gets a password, which is
    written there, if our migrations made it and nobody has given it one. StackError where none of this leads in.
    """
    if given is not None:
        uri = login_uri(owner_dsn, given)
        if not _leads_in(uri):
            raise StackError(f"AUTHENTICATOR_PASSWORD is not the password of {AUTHENTICATOR}")
        return uri
    if kept.exists() and _leads_in(uri := login_uri(owner_dsn, kept.read_text())):
        return uri
    if not _untouched(owner_dsn):
        raise StackError(
            f"{AUTHENTICATOR} may have a password of somebody else's, which is not replaced:"
            " set AUTHENTICATOR_PASSWORD to it (or give the role one first)"
        )
    kept.unlink(missing_ok=True)
    kept.touch(mode=0o600)
    kept.write_text(secrets.token_urlsafe(32))
    return authenticator_uri(owner_dsn, kept.read_text())


def _leads_in(uri: str) -> bool:
    try:
        psycopg.connect(uri).close()
    except psycopg.OperationalError:
        return False
    return True


def _untouched(owner_dsn: str) -> bool:
    """Whether our migrations made the role and nobody has given it a password; False where that cannot be seen."""
    with psycopg.connect(owner_dsn) as connection:
        try:
            return connection.execute(_UNTOUCHED, [AUTHENTICATOR]).fetchone() == (True,)
        except errors.InsufficientPrivilege:
            return False
