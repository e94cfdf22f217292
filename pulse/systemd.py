"""What systemd hears of a service: sd_notify(3) and sd_watchdog_enabled(3)."""

import os
import socket
from collections.abc import MutableMapping
from contextlib import suppress

_EVERY = 1.0


class Systemd:
    """The service manager that started this process, if it wants to hear of it; what is told to none is lost.

    Its variables are taken out of the environment: a program that is started later is not the service.
    """

    def __init__(self, environment: MutableMapping[str, str] = os.environ) -> None:
        address = environment.pop("NOTIFY_SOCKET", "")
        limit = int(environment.pop("WATCHDOG_USEC", "0")) / 1_000_000
        # How many seconds may lie between two signs of life: systemd wants two within its WatchdogSec.
        self.every = min(_EVERY, limit / 2 or _EVERY)
        self.listens = bool(address)
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        # Kept: a process that can open no file any more is alive.
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if address else None

    def ready(self) -> None:
        """It serves."""
        self._tell("READY=1")

    def alive(self) -> None:
        """It does not hang."""
        self._tell("WATCHDOG=1")

    def hangs(self, seconds: float) -> None:
        """It has given no sign of life for so long, and is to be ended and started again."""
        self._tell(f"STATUS=It has not answered for {seconds:g} s.\nWATCHDOG=trigger")

    def stopping(self) -> None:
        """It ends, as it was told to."""
        self._tell("STOPPING=1")

    def _tell(self, state: str) -> None:
        if self._socket:
            # A manager that hangs itself must not hang the service.
            with suppress(OSError):
                self._socket.sendto(state.encode(), socket.MSG_DONTWAIT, self._address)
