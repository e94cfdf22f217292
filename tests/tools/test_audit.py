"""tools/audit: what it says of a registry that knows something, nothing, or does not answer."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from stack.binaries import REPOSITORY

ADVISORY = {
    "id": 1,
    "url": "https://advisories.example/1",
    "title": "Reads what it should not",
    "severity": "high",
    "vulnerable_versions": "<99",
}


@contextmanager
def registry(advisories: dict[str, Any]) -> Iterator[str]:
    """A registry that answers npm's question about all packages of a lock, and then about those that it names."""

    class _Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._answer(advisories)

        def do_GET(self) -> None:
            version = {"name": self.path[1:], "version": "1.0.0"}
            self._answer({"name": self.path[1:], "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}})

        def _answer(self, told: dict[str, Any]) -> None:
            body = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The script with the locks of npm, and without a Python that could ask about the others."""
    for name in ("tools/audit", "package.json", "package-lock.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / name, tmp_path / name)
    shutil.copytree(REPOSITORY / "requirements", tmp_path / "requirements", ignore=shutil.ignore_patterns("node_m*"))
    return tmp_path


def audit(place: Path, url: str) -> tuple[int, str, str]:
    """How it ends, and what it prints."""
    environment = {**os.environ, "npm_config_registry": url, "npm_config_cache": str(place / "cache")}
    result = subprocess.run(
        [place / "tools" / "audit"], check=False, capture_output=True, text=True, env=environment, cwd="/"
    )
    return result.returncode, result.stdout, result.stderr


def test_known(place: Path) -> None:
    """A vulnerability should be told with its package, and outweigh what nobody could be asked about."""
    with registry({"swagger-ui-dist": [ADVISORY]}) as url:
        status, printed, _ = audit(place, url)
    assert (status, printed) == (1, "swagger-ui-dist *: high\n")


def test_none_known(place: Path) -> None:
    """Where the registry knows nothing that should be said, of each lock, and not of those that nobody asked about."""
    with registry({}) as url:
        status, printed, said = audit(place, url)
    assert (status, printed) == (2, "")
    assert "audit: ./package-lock.json: nothing known\n" in said
    assert "audit: requirements/servers/package-lock.json: nothing known\n" in said
    assert "audit: requirements/*.txt: the registry does not answer, nothing is known about it\n" in said


def test_no_answer(place: Path) -> None:
    """A registry that does not answer should be no success."""
    status, printed, said = audit(place, "http://127.0.0.1:9/")
    assert (status, printed) == (2, "")
    assert "audit: ./package-lock.json: the registry does not answer, nothing is known about it\n" in said
