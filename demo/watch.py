"""`python -m demo.watch URL`: asks a URL every second and prints a line on each answer, until its input ends.

Recorded, it makes a session that never stops growing, out of real measurements.
"""

import argparse
import os
import select
import sys
import time
from collections.abc import Sequence
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

_INTERVAL_SECONDS = 1.0
_TIMEOUT_SECONDS = 5.0
# What the specification grants a poll (FR-009).
_SLOW_MS = 500.0


def main(argv: Sequence[str]) -> int:
    """Watches until the end of the input; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m demo.watch", description="Print one line a second on a URL.")
    parser.add_argument("url")
    url: str = parser.parse_args(argv).url
    if not url.startswith(("http://", "https://")):
        parser.error("the URL must start with http:// or https://")
    key = os.environ.get("API_KEYS", "").partition(",")[0].strip()
    print(observed(url, key), flush=True)
    while not _input_ended(_INTERVAL_SECONDS):
        print(observed(url, key), flush=True)
    return 0


def observed(url: str, key: str) -> str:
    """Asks once and says in one line how it went, after its level."""
    request = Request(url, headers={"X-API-Key": key} if key else {})  # noqa: S310  the scheme is checked above
    started = time.monotonic()
    try:
        with urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310
            size = len(response.read())
            status: int = response.status
    except HTTPError as error:
        error.close()
        return f"ERROR GET {url}: status {error.code}"
    except (URLError, TimeoutError, ConnectionError) as error:
        return f"ERROR GET {url}: {getattr(error, 'reason', error)}"
    elapsed_ms = (time.monotonic() - started) * 1000
    level = "WARNING" if elapsed_ms > _SLOW_MS else "INFO"
    return f"{level} GET {url}: status {status}, {size} bytes in {elapsed_ms:.1f} ms"


def _input_ended(seconds: float) -> bool:
    """Waits, and says whether the input ended meanwhile; what comes in is ignored."""
    deadline = time.monotonic() + seconds
    while (remaining := deadline - time.monotonic()) > 0:
        if select.select([0], [], [], remaining)[0] and not os.read(0, 4096):
            return True
    return False


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
