"""Where to record to: the command line, the environment, or the running stack's `.local/stack.env`."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STACK_ENV = ROOT / ".local" / "stack.env"


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`proxy_url` is None where nobody said which proxy serves this database."""

    database_url: str
    proxy_url: str | None

    @classmethod
    def load(cls, database: str | None, environ: Mapping[str, str], stack_env: Path = STACK_ENV) -> "Settings":
        """Raises SettingsError where no database is named."""
        named = database or environ.get("DATABASE_URL")
        # The stack's proxy serves the stack's database: it is no answer for a database named elsewhere.
        stack = {} if named else _variables(stack_env)
        database_url = named or stack.get("DATABASE_URL")
        if not database_url:
            raise SettingsError(f"no database: set DATABASE_URL, give --database, or run `make up` ({stack_env.name})")
        return cls(database_url, environ.get("PROXY_URL") or stack.get("PROXY_URL"))


def _variables(path: Path) -> dict[str, str]:
    """The NAME=value lines of a file that a shell could read, {} where there is no such file."""
    if not path.exists():
        return {}
    words = shlex.split(path.read_text(encoding="utf-8"), comments=True)
    return dict(word.split("=", 1) for word in words if "=" in word)


def page_url(proxy_url: str, session_id: object) -> str:
    """The session's page for people."""
    return f"{proxy_url.rstrip('/')}/sessions/{session_id}"


def events_url(proxy_url: str, session_id: object) -> str:
    """The session's events in the API."""
    return f"{proxy_url.rstrip('/')}/api/v2/sessions/{session_id}/events"
