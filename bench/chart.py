"""Bars with their spread, as an SVG that reads on light and on dark pages."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from bench.rounds import Spread, number

# Told apart without red and green, too (Okabe and Ito).
_COLOURS = ("#0072b2", "#56b4e9", "#e69f00", "#d55e00", "#cc79a7", "#009e73", "#8c959f")
_STYLE = """
text { font: 12px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600; font-size: 14px }
.value { font-size: 10.5px }
.line { stroke: #1f2328; stroke-opacity: .45 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .line { stroke: #e6edf3 } }
"""
_WIDTH, _LEFT, _RIGHT = 960, 24, 60
_BAR, _GAP, _LABEL = 13, 18, 20


def bars(title: str, groups: Mapping[str, Mapping[str, Spread]], *, mark: float) -> str:
    """A bar for each value, by group and name, whiskers for its spread, and a line across at `mark`."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    colours = dict(zip(names, _COLOURS, strict=False))
    most = max(value.most for group in groups.values() for value in group.values())
    unit = (_WIDTH - _LEFT - _RIGHT) / most
    legend, top = _legend(colours)
    parts, y = [f'<text class="title" x="{_LEFT}" y="24">{escape(title)}</text>', *legend], top
    for group, values in groups.items():
        parts.append(f'<text x="{_LEFT}" y="{y + 13}">{escape(group.replace("`", ""))}</text>')
        y += _LABEL
        for name, value in values.items():
            parts += _bar(y, value, unit, f"{group}: {name}", colours[name])
            y += _BAR
        y += _GAP
    x = _LEFT + mark * unit
    parts.append(f'<path class="line" d="M{x:.1f} {top}V{y - _GAP}" stroke-dasharray="4 3"/>')
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" role="img" aria-label="{escape(title)}">'
    )
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>", ""])


def _bar(y: int, value: Spread, unit: float, label: str, colour: str) -> list[str]:
    least, median, most = (_LEFT + part * unit for part in (value.least, value.median, value.most))
    middle = y + (_BAR - 2) / 2
    return [
        f'<rect x="{_LEFT}" y="{y}" width="{median - _LEFT:.1f}" height="{_BAR - 2}" fill="{colour}">',
        f"<title>{escape(label)}: {escape(str(value))}</title></rect>",
        f'<path class="line" d="M{least:.1f} {middle}H{most:.1f}"/>',
        f'<text class="value" x="{most + 4:.1f}" y="{y + _BAR - 4}">{number(value.median)}</text>',
    ]


def _legend(colours: Mapping[str, str]) -> tuple[list[str], int]:
    """Its elements, and where the first group begins."""
    parts, columns = [], 3
    for position, (name, colour) in enumerate(colours.items()):
        x, y = _LEFT + position % columns * (_WIDTH // columns), 38 + position // columns * _LABEL
        parts.append(f'<rect x="{x}" y="{y}" width="11" height="11" fill="{colour}"/>')
        parts.append(f'<text x="{x + 17}" y="{y + 10}">{escape(name.replace("`", ""))}</text>')
    return parts, 38 + -(-len(colours) // columns) * _LABEL + 10
