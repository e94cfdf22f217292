"""A bare Debian in a directory: a command in it at first, then booted, with its own systemd and its own network."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from stack.datadir import private_directory
from tests.support.waiting import wait_until

# Where this machine's packages come from, so that the tree's do too.
REGISTRIES = (
    "/etc/apt/sources.list",
    "/etc/apt/sources.list.d",
    "/etc/apt/apt.conf.d",
    "/etc/apt/auth.conf.d",
    "/etc/apt/keyrings",
    "/etc/apt/trusted.gpg.d",
    "/usr/share/keyrings",
    "/usr/local/share/ca-certificates",
    "/etc/ssl/certs",
    "/etc/hosts",
    "/etc/resolv.conf",
    "/etc/pip.conf",
    "/root/.config/pip",
)
PASSED_ON = re.compile(r"(PIP_|SSL_CERT|https?_proxy|no_proxy)", re.IGNORECASE)
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What a program expects to find; the cgroup mounts are what systemd asks of a container's maker.
MOUNTS = r"""
set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount -t tmpfs -o mode=755 tmpfs "$1/dev"
for name in null zero full random urandom tty; do
    touch "$1/dev/$name"
    mount --bind "/dev/$name" "$1/dev/$name"
done
mkdir "$1/dev/shm" "$1/dev/pts"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$1/dev/pts"
ln -s pts/ptmx "$1/dev/ptmx"
for bound in $3; do mount --bind "${bound%%:*}" "$1${bound##*:}"; done
if [ "$2" = boot ]; then
    mount -t sysfs -o ro sysfs "$1/sys"
    mount -t tmpfs -o mode=755 tmpfs "$1/run"
    if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
        mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup"
    else
        mount -t tmpfs -o mode=755 tmpfs "$1/sys/fs/cgroup"
        mkdir "$1/sys/fs/cgroup/systemd" "$1/sys/fs/cgroup/unified"
        mount -t cgroup -o none,name=systemd,xattr cgroup "$1/sys/fs/cgroup/systemd"
        mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup/unified"
    fi
fi
cd "$1"
shift 3
# Not by chroot: in one the kernel gives nobody a user namespace of his own, as PrivateUsers= wants it.
mkdir -p mnt/old
pivot_root . mnt/old
exec chroot . /bin/sh -c 'umount -l /mnt/old && exec env -i container=chroot HOME=/root LANG=C.UTF-8 "$@"' sh "$@"
"""
NAMESPACES = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--uts", "--ipc"]
# Blocks are one shell session, as for somebody at a terminal.
SESSION = """
[ ! -e /root/.session ] || . /root/.session
{script}
export -p >/root/.session
echo "cd '$PWD'" >>/root/.session
"""


@dataclass
class Machine:
    """The tree, and its systemd once it is booted; `bound` are directories of ours, each with its place in the tree."""

    tree: Path
    bound: dict[Path, str]
    init: int | None = None

    def shell(self, script: str, given: str = "") -> str:
        """Goes on in one long shell session of root; returns what is printed, and fails with it."""
        words = ["bash", "-euo", "pipefail", "-c", SESSION.format(script=script)]
        if self.init is None:
            # Without systemd a package must not start its service.
            command = [*NAMESPACES, "bash", "-c", MOUNTS, "machine", *self._place("run"), *self._environment(), *words]
        else:
            command = [*self._inside(), "env", "-i", *self._environment(), *words]
        done = subprocess.run(
            command, check=False, input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}"
        return done.stdout

    @contextmanager
    def booted(self) -> Iterator[None]:
        """Lets its systemd run, with nothing but loopback for a network."""
        (self.tree / "usr" / "sbin" / "policy-rc.d").unlink()
        namespaces = [*NAMESPACES, "--cgroup", "--net"]
        command = [*namespaces, "bash", "-c", MOUNTS, "machine", *self._place("boot"), "/lib/systemd/systemd"]
        log = self.tree.with_suffix(".boot.log")
        with log.open("w") as said:
            outer = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        try:
            wait_until(lambda: psutil.Process(outer.pid).children(), "its first process")
            self.init = psutil.Process(outer.pid).children()[0].pid
            wait_until(self._is_up, "systemd is up")
            yield
        finally:
            if self.init is not None:
                os.kill(self.init, signal.SIGKILL)
            outer.wait(60)
            self.init = None

    def _is_up(self) -> bool:
        command = [*self._inside(), "systemctl", "is-system-running"]
        told = subprocess.run(command, check=False, capture_output=True, text=True)
        return told.stdout.strip() in {"running", "degraded"}

    def _inside(self) -> Sequence[str]:
        return ["nsenter", f"--target={self.init}", "--all", "--root", "--wd"]

    def _place(self, how: str) -> Sequence[str]:
        return [str(self.tree), how, " ".join(f"{ours}:{theirs}" for ours, theirs in self.bound.items())]

    def _environment(self) -> Sequence[str]:
        return [f"PATH={PATH}", "HOME=/root", "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", *passed_on()]


def debian(tree: Path, *packages: str) -> None:
    """Makes a Debian of these packages, as debootstrap does, that gets others from where this machine does."""
    said = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={','.join(packages)}", "bookworm", tree, _mirror()],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert said.returncode == 0, said.stdout[-2000:]
    (tree / "etc" / "apt" / "sources.list").unlink(missing_ok=True)
    for name in REGISTRIES:
        _take(Path(name), tree / name.lstrip("/"))


def passed_on() -> list[str]:
    """What of this machine's environment says where packages come from, as NAME=value."""
    return [f"{name}={value}" for name, value in os.environ.items() if PASSED_ON.match(name)]


@contextmanager
def machine(bound: dict[Path, str]) -> Iterator[Machine]:
    """A Debian as debootstrap makes it, and systemd; gone at the end."""
    with private_directory() as directory:
        tree = directory / "tree"
        debian(tree, "ca-certificates", "systemd")
        policy = tree / "usr" / "sbin" / "policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        for place in bound.values():
            (tree / place.lstrip("/")).mkdir(parents=True)
        yield Machine(tree, bound)


def _take(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target, ignore_dangling_symlinks=True)
    elif source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def _mirror() -> str:
    """Where apt gets this machine's Debian."""
    listed = [Path("/etc/apt/sources.list"), *Path("/etc/apt/sources.list.d").glob("*")]
    text = "\n".join(path.read_text() for path in listed if path.is_file())
    found = re.search(r"^(?:URIs: *|deb (?:\[.*?\] )?)(\S+://\S+/debian)/?(?:\s|$)", text, re.MULTILINE)
    assert found, "apt has no source of Debian's"
    return found[1]
