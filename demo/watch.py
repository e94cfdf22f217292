"""`python -m demo.watch URL`: asks for a session's events in turn as its users do, and prints a line on each answer.

Recorded, it makes a session that never stops growing, out of real measurements. It ends with its input.
"""

import argparse
import itertools
import json
import os
import select
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

_INTERVAL_SECONDS = 1.0
_TIMEOUT_SECONDS = 5.0
# What the specification grants a poll (FR-009).
_SLOW_MS = 500.0


class Question(NamedTuple):
    """What to ask for, and its name."""

    name: str
    query: dict[str, str]


_QUESTIONS = (
    Question("newest 100", {"limit": "100"}),
    Question("errors", {"event_type": "error"}),
    Question("page 50", {"limit": "100", "page": "50"}),
    Question("warnings", {"event_type": "warning", "limit": "20"}),
    Question("newest 1,000", {"limit": "1000"}),
)


def main(argv: Sequence[str]) -> int:
    """Watches until the end of the input; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m demo.watch", description="Print one line a second on a URL.")
    parser.add_argument("url")
    url: str = parser.parse_args(argv).url
    if not url.startswith(("http://", "https://")):
        parser.error("the URL must start with http:// or https://")
    key = os.environ.get("API_KEYS", "").partition(",")[0].strip()
    print(f"INFO watching {url}", flush=True)
    for question in itertools.cycle(_QUESTIONS):
        print(observed(url, question, key), flush=True)
        if _input_ended(_INTERVAL_SECONDS):
            return 0
    return 0


def observed(url: str, question: Question, key: str) -> str:
    """Asks once and says in one line how it went, after its level, with what differs first."""
    headers = {"X-API-Key": key} if key else {}
    request = Request(f"{url}?{urlencode(question.query)}", headers=headers)  # noqa: S310  the scheme is checked above
    started = time.monotonic()
    try:
        with urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310
            body = response.read()
    except HTTPError as error:
        error.close()
        return f"ERROR {question.name}: status {error.code}"
    except (URLError, TimeoutError, ConnectionError) as error:
        return f"ERROR {question.name}: {getattr(error, 'reason', error)}"
    elapsed_ms = (time.monotonic() - started) * 1000
    level = "WARNING" if elapsed_ms > _SLOW_MS else "INFO"
    return f"{level} {elapsed_ms:.1f} ms for {question.name}: {_events(body)}, {len(body):,} bytes"


def _events(body: bytes) -> str:
    pagination = json.loads(body)["pagination"]
    return f"{pagination['returned']:,} of {pagination['total']:,} events"


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
