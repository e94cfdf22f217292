"""What compresses, and how well: `python -m bench.peers.codecs FILE …`, on the packages of requirements/bench.txt."""

import json
import statistics
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-not-found]
from backports import zstd  # type: ignore[import-not-found]
from isal import isal_zlib

Compress = Callable[[bytes], bytes]

_TIMES = 15
# Gzip with the largest window.
_WINDOW = 31


def _gzip(module: Any, level: int) -> Compress:  # noqa: ANN401  zlib and what stands in for it
    def compress(body: bytes) -> bytes:
        compressor = module.compressobj(level, module.DEFLATED, _WINDOW)
        return bytes(compressor.compress(body) + compressor.flush())

    return compress


_CODECS: dict[str, Compress] = {
    **{f"gzip by zlib, level {level}": _gzip(zlib, level) for level in (1, 6)},
    **{f"gzip by isal, level {level}": _gzip(isal_zlib, level) for level in (0, 1, 3)},
    "zstd, level 1": lambda body: zstd.compress(body, 1),
    "zstd, level 3": lambda body: zstd.compress(body, 3),
    "br, quality 1": lambda body: brotli.compress(body, quality=1),
    "br, quality 4": lambda body: brotli.compress(body, quality=4),
}


def main(files: Sequence[str]) -> None:
    """Prints for each codec the bytes and the median milliseconds, file by file."""
    bodies = [Path(file).read_bytes() for file in files]
    found = {
        name: [[len(codec(body)), _milliseconds(codec, body)] for body in bodies] for name, codec in _CODECS.items()
    }
    print(json.dumps(found))


def _milliseconds(codec: Compress, body: bytes) -> float:
    taken = []
    for _ in range(_TIMES):
        begun = time.perf_counter()
        codec(body)
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    main(sys.argv[1:])
