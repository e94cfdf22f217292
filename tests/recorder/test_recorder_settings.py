"""Where the recorder finds its database."""

from pathlib import Path

import pytest

from recorder.settings import Settings, SettingsError


@pytest.fixture
def stack_env(tmp_path: Path) -> Path:
    """What `make up` leaves, in the ways that a shell reads."""
    path = tmp_path / "stack.env"
    path.write_text("# a running stack\nDATABASE_URL='postgresql://stack/db'\nexport PROXY_URL=http://127.0.0.1:8001\n")
    return path


def test_stack_is_found(stack_env: Path) -> None:
    """Without anything else the running stack's database and proxy should be used."""
    assert Settings.load(None, {}, stack_env) == Settings("postgresql://stack/db", "http://127.0.0.1:8001")


def test_environment_goes_first(stack_env: Path) -> None:
    """A database from the environment should not be taken for the one that the stack's proxy shows."""
    assert Settings.load(None, {"DATABASE_URL": "postgresql://mine/db"}, stack_env) == Settings(
        "postgresql://mine/db", None
    )


def test_argument_goes_before_the_environment(stack_env: Path) -> None:
    """--database should win, and PROXY_URL from the environment stay."""
    environ = {"DATABASE_URL": "postgresql://mine/db", "PROXY_URL": "http://proxy"}
    assert Settings.load("postgresql://given/db", environ, stack_env) == Settings(
        "postgresql://given/db", "http://proxy"
    )


def test_nothing_is_named(tmp_path: Path) -> None:
    """Without any database the error should name what to set."""
    with pytest.raises(SettingsError, match="set DATABASE_URL, give --database, or run `make up`"):
        Settings.load(None, {}, tmp_path / "missing.env")
