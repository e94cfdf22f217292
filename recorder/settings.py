"""Where to record to: the command line, the environment, or the running stack's `.local/stack.env`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from addresses import conninfo, stack_env
from addresses.conninfo import ConninfoError

_STACK_ENV = Path(__file__).resolve().parent.parent / ".local" / "stack.env"


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`proxy_url` is None where nobody said which proxy serves this database."""

    database_url: str
    proxy_url: str | None

    @classmethod
    def load(cls, database: str | None, environ: Mapping[str, str], file: Path = _STACK_ENV) -> "Settings":
        """Raises SettingsError where no database is named, or not as PostgreSQL names one."""
        named = database or environ.get("DATABASE_URL")
        # The stack's proxy serves the stack's database: it is no answer for a database named elsewhere.
        stack = {} if named else stack_env.read(file)
        database_url = named or stack.get("DATABASE_URL")
        if not database_url:
            raise SettingsError(f"no database: set DATABASE_URL, give --database, or run `make up` ({file.name})")
        try:
            conninfo.parameters(database_url)
        except ConninfoError as error:
            raise SettingsError(f"DATABASE_URL is {error}") from None
        return cls(database_url, environ.get("PROXY_URL") or stack.get("PROXY_URL"))


def page_url(proxy_url: str, session_id: object) -> str:
    """The session's page for people."""
    return f"{proxy_url.rstrip('/')}/sessions/{session_id}"


def events_url(proxy_url: str, session_id: object) -> str:
    """The session's events in the API."""
    return f"{proxy_url.rstrip('/')}/api/v2/sessions/{session_id}/events"
