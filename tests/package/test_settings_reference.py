"""The table of settings in docs/operations.md against proxy/settings.py."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from proxy.settings import SettingsError, from_environment

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
TABLE = PAGE.partition("## Settings of the proxy")[2].partition("\n## ")[0]
DEFAULTS = dict(re.findall(r"^\| `(\w+)` \| `?([^`|]+?)`? \|", TABLE, re.MULTILINE))
REQUIRED = {"POSTGREST_URL": "unix:///run/postgrest"}


class Asked(Mapping[str, str]):
    """An environment that knows what it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return REQUIRED[name]

    def __iter__(self) -> Iterator[str]:
        return iter(REQUIRED)

    def __len__(self) -> int:
        return len(REQUIRED)


def test_names() -> None:
    """The table should have each variable that the proxy reads, and no other."""
    environment = Asked()
    from_environment(environment)
    assert set(DEFAULTS) == environment.names


@pytest.mark.parametrize("name", DEFAULTS)
def test_default(name: str) -> None:
    """Setting a variable to the table's default should change nothing, and a required one should be missed."""
    if DEFAULTS[name] == "required":
        with pytest.raises(SettingsError, match=name):
            from_environment({})
    else:
        given = {name: "" if DEFAULTS[name] == "none" else DEFAULTS[name]}
        assert from_environment(REQUIRED | given) == from_environment(REQUIRED)
