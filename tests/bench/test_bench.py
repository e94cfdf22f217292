"""The benchmark runs, and its output has the shape that the documentation needs. No speed is asserted anywhere."""

import re
from pathlib import Path

from bench.document import PERFORMANCE

ROOT = Path(__file__).resolve().parents[2]
KEYS = re.findall(r"<!-- bench: (\S+) -->", PERFORMANCE.read_text(encoding="utf-8"))
NUMBER = r"-?[\d,]+(\.\d+)?(e-?\d+)?"
