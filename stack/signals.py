"""How a command ends when it is told to."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_on_signals(*, interrupted: int) -> None:
    """Leaves the program by its context managers at the first Ctrl-C, SIGTERM or hang-up; more change nothing.

    `interrupted` is the exit status after Ctrl-C.
    """

    def stay(_number: int, _frame: FrameType | None) -> None:
        """Not SIG_IGN, which the programs that we start in order to stop would inherit."""

    def leave(number: int, _frame: FrameType | None) -> None:
        for each in _ENDING:
            signal.signal(each, stay)
        raise SystemExit(interrupted if number == signal.SIGINT else 128 + number)

    for each in _ENDING:
        signal.signal(each, leave)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Has what tells the program to end wait until the context is left; only the main thread hears of it at all."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    handlers = {each: signal.signal(each, lambda number, _frame: heard.append(number)) for each in _ENDING}
    try:
        yield
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
        for number in heard:
            signal.raise_signal(number)
