"""The account that a PostgreSQL server runs as, since it refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from stack.errors import StackError

REACHABLE = Path("/var/tmp")  # noqa: S108  mkdtemp makes the name private; it survives a reboot, unlike /tmp


@cache
def server_account() -> pwd.struct_passwd | None:
    """None where this process may run the server itself; else the unprivileged account that root hands it to."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise StackError("root needs an unprivileged account to run PostgreSQL as: neither 'postgres' nor 'nobody' exists")


def give_to_server(path: Path) -> None:
    """Makes the server's account the owner of a file or directory."""
    account = server_account()
    if account is not None:
        shutil.chown(path, account.pw_uid, account.pw_gid)


def server_can_reach(directory: Path) -> bool:
    """Whether the server's account may enter the directory; False below /root, for one."""
    return run_as_server(["test", "-x", str(directory)]).returncode == 0


def run_as_server(
    command: Sequence[str | Path], *, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a short command as the server's account; its stdout and stderr come back together in `stdout`."""
    account = server_account()
    try:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",  # the account may not be able to enter ours
            env={**os.environ, **(env or {})},
            user=None if account is None else account.pw_uid,
            group=None if account is None else account.pw_gid,
            extra_groups=None if account is None else [],
            start_new_session=True,  # the terminal's Ctrl-C must not reach it
        )
    except PermissionError as error:
        name = "this user" if account is None else f"the account {account.pw_name!r}"
        raise StackError(f"{command[0]} cannot be run by {name}") from error
    try:
        output, _ = process.communicate()
    except BaseException:
        # An interrupt must not leave half a start behind: what follows needs to know how it ended.
        process.wait()
        raise
    return subprocess.CompletedProcess(process.args, process.returncode, output)
