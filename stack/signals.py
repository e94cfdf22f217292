"""How a command ends when it is told to."""

import signal
from types import FrameType


def end_on_signals(*, interrupted: int) -> None:
    """Leaves the program by its context managers at the first Ctrl-C, SIGTERM or hang-up; more change nothing.

    `interrupted` is the exit status after Ctrl-C.
    """
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stay(_number: int, _frame: FrameType | None) -> None:
        """Not SIG_IGN, which the programs that we start in order to stop would inherit."""

    def leave(number: int, _frame: FrameType | None) -> None:
        for each in signals:
            signal.signal(each, stay)
        raise SystemExit(interrupted if number == signal.SIGINT else 128 + number)

    for each in signals:
        signal.signal(each, leave)
