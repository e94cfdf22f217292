"""Every block of docs/dba.md, in its order; one alone cannot be run, for it goes on from those before it."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.dba.conftest import owner
from tests.dba.document import DOCUMENT, Block, blocks, prints
from tests.dba.situations import Situations
from tests.support.workplace import Workplace

BLOCKS = blocks()


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language != "python"], ids=str)
def test_block(block: Block, place: Workplace, situations: Situations) -> None:
    """A block should do what the text around it says, and print what is shown after it."""
    if block.needs is not None and not available(place, block.needs):
        pytest.skip(f"the server does not have {block.needs}")
    if block.given is not None:
        getattr(situations, block.given)()
    ran = place.psql(block.text) if block.language == "sql" else place.bash(block.text)
    assert (ran.returncode != 0) == block.must_fail, ran.output
    if block.expected is not None:
        assert prints(block.expected, ran.output), ran.output


@pytest.mark.parametrize("document", [DOCUMENT, DOCUMENT.with_name("managed.md")], ids=lambda path: path.name)
def test_links(document: Path) -> None:
    """Every link should lead to a heading of the document or to a file of the repository."""
    text = document.read_text(encoding="utf-8")
    headings = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("https:"):
            continue
        path, _, anchor = target.partition("#")
        assert (document.parent / path).exists(), target
        assert path or anchor in anchors, target


def available(place: Workplace, extension: str) -> bool:
    """Whether the server has the extension, and, for pg_stat_statements, has loaded it."""
    with psycopg.connect(owner(place)) as connection:
        row = connection.execute(
            "select count(*) from pg_available_extensions where name = %(name)s and (name <> 'pg_stat_statements'"
            " or current_setting('shared_preload_libraries') ~ name)",
            {"name": extension},
        ).fetchone()
    return row == (1,)


def test_include_object() -> None:
    """Alembic should leave alone what is ours and unknown to the product's models, and see everything else."""
    (block,) = (block for block in BLOCKS if block.language == "python")
    names: dict[str, Any] = {}
    exec(block.text, names)  # noqa: S102  what the document tells the reader to paste
    include = names["include_object"]
    assert not include(None, "insert_xid", "column", True, None)
    assert not include(None, "events_by_time", "index", True, None)
    assert include(None, "ix_events_timestamp", "index", True, None)
    assert include(None, "insert_xid", "column", True, object())
    assert include(None, "insert_xid", "column", False, None)
