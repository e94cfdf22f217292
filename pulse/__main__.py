"""`session-events-postgrest PROGRAM ARGUMENT…`: becomes PostgREST, and lets systemd know whether that answers.

PostgREST knows nothing of sd_notify(3). So a child asks it, and speaks for it, which takes NotifyAccess=all; pid,
signals and end are PostgREST's own. Without a systemd that listens there is no child.
"""

import os
import signal
import sys
import time
from pathlib import Path

from pulse.postgrest import status
from pulse.silence import ANSWER_SECONDS, Silence
from pulse.systemd import Systemd

# They may be sent to all processes of a unit, and mean PostgREST.
_ITS_SIGNALS = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
# Python has these ignored, and a program that takes its place would too.
_OUR_SIGNALS = (signal.SIGPIPE, signal.SIGXFSZ)


def main() -> int:
    """Does not return where PostgREST can be run; 2 where it is called wrongly, else 1."""
    command, socket_path = sys.argv[1:], os.environ.get("PGRST_SERVER_UNIX_SOCKET")
    if not command or not socket_path:
        print(f"{__doc__}\nPGRST_SERVER_UNIX_SOCKET is where it answers, and must be set.", file=sys.stderr)
        return 2
    systemd = Systemd()
    if systemd.listens:
        _leave_child(Path(socket_path), systemd)
    for number in _OUR_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execv(command[0], command)
    except OSError as error:
        print(f"session-events-postgrest: cannot run {command[0]}: {error.strerror}", file=sys.stderr)
    return 1


def _leave_child(socket_path: Path, systemd: Systemd) -> None:
    for number in _ITS_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    postgrest = os.getpid()
    if os.fork() == 0:
        try:
            _watch(postgrest, socket_path, systemd)
        finally:
            os._exit(0)
    for number in _ITS_SIGNALS:
        signal.signal(number, signal.SIG_DFL)


def _watch(postgrest: int, socket_path: Path, systemd: Systemd) -> None:
    """Asks for as long as it is there; when it hangs systemd has to end it, as it would if nobody asked any more."""
    silence = Silence(ANSWER_SECONDS)
    while os.getppid() == postgrest:
        began = time.monotonic()
        silence.note(alive=status(socket_path, ANSWER_SECONDS) is not None)
        if silence.hangs:
            systemd.hangs(silence.seconds)
        else:
            systemd.alive()
        time.sleep(max(0.0, began + ANSWER_SECONDS - time.monotonic()))


if __name__ == "__main__":
    sys.exit(main())
