"""tools/install where nothing can be installed: it should say which packages are missing."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack.account import give_to_server, run_as_server
from stack.binaries import REPOSITORY
from stack.datadir import private_directory

# Enough for the script itself; of what it looks for there is nothing but apt, which knows no package.
PROGRAMS = "bash cat cut dirname echo env flock grep id ls mkdir sed sha256sum sort uname xargs apt-cache apt-get"
NO_LISTS = 'Dir::State::lists "/nonexistent";\nDir::State::status "/dev/null";\n'


@pytest.fixture
def bare() -> Iterator[Path]:
    """A directory with the script in it and a `bin` that has next to nothing."""
    with private_directory() as directory:
        for place in ("bin", "tools"):
            (directory / place).mkdir()
            give_to_server(directory / place)
        shutil.copy(REPOSITORY / "tools" / "install", directory / "tools")
        for name in PROGRAMS.split():
            program = shutil.which(name)
            if program is not None:  # apt is Debian's
                (directory / "bin" / name).symlink_to(program)
        (directory / "apt.conf").write_text(NO_LISTS)
        yield directory


def install(bare: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the script as somebody who cannot become root."""
    environment = {"PATH": str(bare / "bin"), "APT_CONFIG": str(bare / "apt.conf")}
    return run_as_server([bare / "tools" / "install", *arguments], env=environment)


def test_names_every_package(bare: Path) -> None:
    """Without root and without apt's lists it should name the packages to install, by their own names."""
    result = install(bare, "--long")
    assert result.returncode == 1
    last = result.stdout.splitlines()[-1]
    assert last.startswith("install: missing: python ")
    packages = last.partition(". As root: apt-get update && apt-get install ")[2].split()
    assert packages == [
        "python3",
        "python3-venv",
        "postgresql-client",
        "sqitch",
        "libdbd-pg-perl",
        "nodejs",
        "npm",
        "ca-certificates",
    ]
    others = "curl jq wrk prometheus systemd buildah docker-compose libtap-parser-sourcehandler-pgtap-perl"
    for package in others.split():
        assert f"(package {package})" in result.stdout


def test_unknown_option(bare: Path) -> None:
    """An option that it does not know should be refused by its name."""
    result = install(bare, "--everything")
    assert (result.returncode, "unknown option --everything" in result.stdout) == (1, True)
