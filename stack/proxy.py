"""The proxy, as `python -m proxy`."""

import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import urlsplit

from stack.process import Running, plain_environment, running

READY = re.compile(r"^proxy: listening on (\S+)$", re.MULTILINE)


@contextmanager
def proxy(
    postgrest_url: str, *, port: int = 0, env: Mapping[str, str] = {}, log: Path | None = None
) -> Iterator[Running]:
    """A proxy in front of `postgrest_url` on a free port, or on `port`; `env` holds further settings.

    Ready means that it listens; whether PostgREST and the database answer is what its /ready tells.
    """
    environment = {**plain_environment(), **env, "POSTGREST_URL": postgrest_url, "PROXY_PORT": str(port)}
    with nullcontext(log) if log else _temporary_log() as log:
        command = [sys.executable, "-m", "proxy"]
        with running(command, env=environment, log=log, ready=lambda: _url(log) is not None) as program:
            url = _url(log) or ""
            program.env["PROXY_PORT"] = str(urlsplit(url).port)  # started again, it is where its clients know it
            yield Running(url, program)


@contextmanager
def _temporary_log() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory) / "proxy.log"


def _url(log: Path) -> str | None:
    """The URL in the line that says that it listens."""
    found = READY.search(log.read_text(errors="replace"))
    return found[1] if found else None
