"""The watcher that the demo records."""

import http.server
import re
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from demo.watch import Question, observed
from stack.binaries import REPOSITORY

ANY = Question("all", {"limit": "5"})
PAGE = b'{"pagination": {"returned": 5, "total": 1234}}'


class Answer(http.server.BaseHTTPRequestHandler):
    """Answers /events?limit=5, with or without the key, and nothing else."""

    def do_GET(self) -> None:
        """200 or 401 with a page."""
        known = self.path == "/events?limit=5" and self.headers.get("X-API-Key") in {None, "right"}
        self.send_response(200 if known else 401)
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

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
    """An answer should be told with its time, then what was asked for, and its size."""
    line = observed(f"{server_url}/events", ANY, "right")
    assert re.fullmatch(r"INFO \d+\.\d ms for all: 5 of 1,234 events, 46 bytes", line)


def test_refusal(server_url: str) -> None:
    """A refusal should be an error that names the status."""
    assert observed(f"{server_url}/events", ANY, "wrong") == "ERROR all: status 401"


def test_nobody_there() -> None:
    """A closed port should be an error, not a crash."""
    assert observed("http://127.0.0.1:1/events", ANY, "").startswith("ERROR all: ")


def test_ends_with_its_input(server_url: str) -> None:
    """The watcher should end when its input does, after at least one answer; its lines should differ at the start."""
    command = [sys.executable, "-m", "demo.watch", f"{server_url}/events"]
    run = subprocess.run(command, cwd=REPOSITORY, input="", capture_output=True, text=True, check=True)
    assert re.fullmatch(r"INFO watching .*\nERROR newest 100: status 401\n", run.stdout)
