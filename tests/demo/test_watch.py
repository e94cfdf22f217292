"""The watcher that the demo records."""

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from demo.watch import observed
from stack.binaries import REPOSITORY


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers /health, with or without the key, and nothing else."""

    def do_GET(self) -> None:
        """200 or 401 with an empty object."""
        known = self.path == "/health" and self.headers.get("X-API-Key") in {None, "right"}
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the name is the library's
        """Nothing."""


@pytest.fixture
def server_url() -> Iterator[str]:
    """A server on a free port."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_answer(server_url: str) -> None:
    """An answer should be told with its status, size and time."""
    line = observed(f"{server_url}/health", "right")
    assert line.startswith(f"INFO GET {server_url}/health: status 200, 2 bytes in ")
    assert line.endswith(" ms")


def test_refusal(server_url: str) -> None:
    """A refusal should be an error that names the status."""
    assert observed(f"{server_url}/health", "wrong") == f"ERROR GET {server_url}/health: status 401"


def test_nobody_there() -> None:
    """A closed port should be an error, not a crash."""
    assert observed("http://127.0.0.1:1/", "").startswith("ERROR GET http://127.0.0.1:1/: ")


def test_ends_with_its_input(server_url: str) -> None:
    """The watcher should end when its input does, after at least one answer."""
    command = [sys.executable, "-m", "demo.watch", f"{server_url}/health"]
    run = subprocess.run(command, cwd=REPOSITORY, input="", capture_output=True, text=True, check=True)
    assert run.stdout.startswith("INFO GET ")
