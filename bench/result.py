"""What a part needs, and what it gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.cases import Case
from bench.databases import Databases
from bench.load import Generator
from bench.rounds import Spread
from bench.scale import Scale
from bench.tables import Table


@dataclass(frozen=True)
class Setting:
    """The filled databases, how much is measured, and what makes closed loops; `whole` is for more than the targets."""

    found: Databases
    scale: Scale
    load: Generator
    whole: bool = True


@dataclass(frozen=True)
class Figure:
    """A measured value for the table of targets; requests that failed spoil it."""

    value: Spread
    errors: int = 0


Figures = dict[str | Case, Figure]


@dataclass(frozen=True)
class Result:
    """Tables for the document, figures by the names that bench/targets.py knows, and charts (SVG) by name."""

    tables: list[Table]
    figures: Figures = field(default_factory=dict)
    charts: Mapping[str, str] = field(default_factory=dict)
