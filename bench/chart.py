"""Ratios as bars with their spread, in an SVG that reads on light and on dark pages."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
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
_WIDTH, _MARGIN, _SPACE = 960, 24, 56
_BAR, _GAP, _LABEL = 13, 18, 20
# Whatever a server that answers nothing would make of it.
_LEAST, _MOST = 0.01, 100


@dataclass(frozen=True)
class _Scale:
    """Logarithmic, so that half is as far from 1 as double."""

    least: float
    most: float

    def x(self, value: float) -> float:
        """Where a ratio stands."""
        share = math.log(min(max(value, _LEAST), _MOST) / self.least) / math.log(self.most / self.least)
        return _MARGIN + _SPACE + share * (_WIDTH - 2 * (_MARGIN + _SPACE))


def bars(title: str, groups: Mapping[str, Mapping[str, Spread]]) -> str:
    """A bar for each ratio, by group and name: from a line at 1 to the right what is more, to the left what is less."""
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    colours = dict(zip(names, _COLOURS, strict=False))
    values = [value for group in groups.values() for value in group.values()]
    scale = _Scale(
        max(_LEAST, min(0.5, *(value.least for value in values))), min(_MOST, max(2, *(value.most for value in values)))
    )
    legend, top = _legend(colours)
    parts, y = [f'<text class="title" x="{_MARGIN}" y="24">{_text(title)}</text>', *legend], top
    for group, ratios in groups.items():
        parts.append(f'<text x="{_MARGIN}" y="{y + 13}">{_text(group)}</text>')
        y += _LABEL
        parts.append(f'<path class="line" d="M{scale.x(1):.1f} {y - 3}v{len(ratios) * _BAR + 4}"/>')
        for name, value in ratios.items():
            parts += _bar(y, value, scale, f"{group}: {name}", colours[name])
            y += _BAR
        y += _GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y}" role="img" aria-label="{_text(title)}">'
    return "\n".join([head, f"<style>{_STYLE}</style>", *parts, "</svg>", ""])


def _bar(y: int, value: Spread, scale: _Scale, label: str, colour: str) -> list[str]:
    one, least, median, most = map(scale.x, (1, value.least, value.median, value.most))
    middle, width = y + (_BAR - 2) / 2, max(2, abs(median - one))
    end, anchor = (most + 4, "start") if median >= one else (least - 4, "end")
    return [
        f'<rect x="{min(one, median):.1f}" y="{y}" width="{width:.1f}" height="{_BAR - 2}" fill="{colour}">',
        f"<title>{_text(label)}: {escape(str(value))}</title></rect>",
        f'<path class="line" d="M{least:.1f} {middle}H{most:.1f}"/>',
        f'<text class="value" x="{end:.1f}" y="{y + _BAR - 4}" text-anchor="{anchor}">{number(value.median)}</text>',
    ]


def _legend(colours: Mapping[str, str]) -> tuple[list[str], int]:
    """Its elements, and where the first group begins."""
    parts, columns = [], 3
    for position, (name, colour) in enumerate(colours.items()):
        x, y = _MARGIN + position % columns * (_WIDTH // columns), 38 + position // columns * _LABEL
        parts.append(f'<rect x="{x}" y="{y}" width="11" height="11" fill="{colour}"/>')
        parts.append(f'<text x="{x + 17}" y="{y + 10}">{_text(name)}</text>')
    return parts, 38 + -(-len(colours) // columns) * _LABEL + 10


def _text(words: str) -> str:
    """As XML, and not as Markdown."""
    return escape(words.replace("`", ""))
