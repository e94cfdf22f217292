"""Waits until something is so, never for a guessed time."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.005  # some conditions cost nothing, and must not take a processor from what they wait for


def wait_until(
    condition: Callable[[], object], what: str = "its condition", *, seconds: float = PATIENCE_SECONDS
) -> None:
    """Returns once the condition holds.

    Raises:
        AssertionError: it did not within `seconds`; with `what` was waited for.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for: {what}"
        time.sleep(_PAUSE_SECONDS)
