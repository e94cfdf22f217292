"""A Docker of the test's own, in namespaces that end with it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from stack.datadir import private_directory
from tests.dist.machine import Machine
from tests.support.waiting import wait_until

# It has no network but its own bridges. What is written below /etc, /opt and /root, by it or by a page's commands, ends
# in the test's directory.
START = r"""
set -e
mount --make-rprivate /
mount -t proc proc /proc
ip link set lo up
for name in etc opt root; do
    mkdir "$1/$name" "$1/$name.work"
    mount -t overlay overlay -o "lowerdir=/$name,upperdir=$1/$name,workdir=$1/$name.work" "/$name"
done
exec dockerd --host "unix://$1/socket" --data-root "$1/data" --exec-root "$1/run" --pidfile "$1/pid" \
    --storage-driver overlay2 --cgroup-parent "/$2" --group root
"""
NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--uts", "--ipc", "--net"]
CGROUPS = Path("/sys/fs/cgroup")


@contextmanager
def engine() -> Iterator[Machine]:
    """This machine with a Docker, whose containers are gone at the end, as is what the shell wrote."""
    with private_directory() as directory:
        command: list[str | Path] = [*NAMESPACES, "bash", "-c", START, "engine", directory, directory.name]
        log = directory / "log"
        with log.open("w") as said:
            outer = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        docker = Machine(Path("/"), {})
        try:
            wait_until(lambda: _answers(outer, directory / "socket", log), "Docker")
            docker.init = psutil.Process(outer.pid).children()[0].pid
            docker.shell(f"export DOCKER_HOST=unix://{directory}/socket")
            yield docker
        finally:
            # Its first process's end is that of all others.
            if outer.poll() is None:
                os.kill(psutil.Process(outer.pid).children()[0].pid, signal.SIGKILL)
            outer.wait(60)
            _remove_cgroups(directory.name)


def _answers(outer: subprocess.Popen[bytes], socket: Path, log: Path) -> bool:
    assert outer.poll() is None, log.read_text()[-2000:]
    asked = subprocess.run(["docker", "--host", f"unix://{socket}", "version"], check=False, capture_output=True)
    return asked.returncode == 0


def _remove_cgroups(name: str) -> None:
    """Those of its containers; empty, but the kernel keeps them."""
    for top in [*CGROUPS.glob(name), *CGROUPS.glob(f"*/{name}")]:
        for directory, _, _ in os.walk(top, topdown=False):
            Path(directory).rmdir()
