"""The plan and the files that it names."""

import re

import pytest

from stack.binaries import REPOSITORY
from stack.migrations import changes
from tests.migrations.scripts import MIGRATIONS, script

SOURCES = sorted(
    path.relative_to(REPOSITORY / "db")
    for directory in ("functions", "indexes")
    for path in (REPOSITORY / "db" / directory).glob("*.sql")
)


def test_scripts_complete() -> None:
    """Every change should have a deploy, a revert and a verify script, and there should be no others."""
    for kind in ("deploy", "revert", "verify"):
        assert sorted(path.stem for path in (MIGRATIONS / kind).rglob("*.sql")) == sorted(changes()), kind


def test_change_names_unique() -> None:
    """No change should be reworked without its frozen body, so every name stands in the plan once."""
    assert len(set(changes())) == len(changes())


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_source_included(source: object) -> None:
    """Every function and index file should be included by the deploy script of its own name, once, and by no other."""
    including = [
        change
        for change in changes()
        for included in re.findall(r"^\\ir \.\./\.\./(\S+)$", script("deploy", change).read_text(), re.MULTILINE)
        if included == str(source)
    ]
    assert including == [re.sub(r".*/|\.sql$", "", str(source))]


def test_reverts_include_nothing() -> None:
    """A revert or verify script should not include a file that later changes edit."""
    for kind in ("revert", "verify"):
        for change in changes():
            assert not re.search(r"\\ir?\b|\\include", script(kind, change).read_text()), f"{kind}/{change}"
