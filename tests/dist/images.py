"""Container images, built by buildah where none can be pulled."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.dist.machine import debian, passed_on

# In a mount namespace of its own buildah leaves nothing mounted.
_BUILDAH = ["unshare", "--mount", "buildah"]
_FORMAT = ["--quiet", "--format", "docker"]
BASE = "docker.io/library/debian:bookworm-slim"


@dataclass(frozen=True)
class Storage:
    """Where they are while they are built."""

    directory: Path

    def make_base(self) -> None:
        """Makes what is called debian:bookworm-slim by debootstrap; it gets packages from where this machine does."""
        tree = self.directory / "tree"
        debian(tree, "ca-certificates")
        container = self._buildah("from", "scratch")
        self._buildah("add", "--quiet", container, tree, "/")
        for variable in passed_on():
            self._buildah("config", "--env", variable, container)
        self._buildah("commit", *_FORMAT, container, BASE)
        self._buildah("rm", container)

    def build(self, image: str, build: Mapping[str, str]) -> None:
        """Builds an image by what compose.yaml says below `build`."""
        context = Path(build["context"])
        options = [f"--file={context / build['dockerfile']}", f"--tag={image}"]
        if "target" in build:
            options.append(f"--target={build['target']}")
        self._buildah("build", *_FORMAT, "--isolation=chroot", "--layers", *options, context)

    def saved(self, image: str) -> Path:
        """The image as a file that Docker loads."""
        file = self.directory / f"{image.rpartition('/')[2].replace(':', '-')}.tar"
        self._buildah("push", "--quiet", image, f"docker-archive:{file}:{image}")
        return file

    def _buildah(self, *words: str | Path) -> str:
        storage = [f"--root={self.directory / 'storage'}", f"--runroot={self.directory / 'run'}"]
        command = [*_BUILDAH, *storage, "--storage-driver=overlay", *words]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"{done.args}\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout.strip()
