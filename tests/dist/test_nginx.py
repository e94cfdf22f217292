"""deploy/nginx in Debian's nginx, before the proxy and beside a product of its own."""

import gzip
import os
import re
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
import urllib3

from stack.binaries import REPOSITORY
from stack.postgres import free_port
from stack.process import plain_environment, running
from stack.proxy import proxy
from stack.whole import Stack
from tests.support.rows import add_events, add_session, spread

DEPLOY = REPOSITORY / "deploy" / "nginx"
# Around what the site needs: nothing of the machine's own nginx. It compresses, as the product may want it.
MAIN = """
pid {directory}/pid;
error_log {directory}/error.log;
events {{}}
http {{
    {paths}
    access_log {directory}/product.log;
    gzip on;
    gzip_proxied any;
    gzip_min_length 1;
    gzip_types application/json;
    include {directory}/conf.d/*.conf;
    include {directory}/site.conf;
}}
"""


@dataclass(frozen=True)
class Site:
    """One origin; `directory` has nginx's logs."""

    url: str
    certificate: Path
    directory: Path

    def get(self, path: str, **headers: str) -> requests.Response:
        """Asks as a client does."""
        return requests.get(self.url + path, headers=headers, verify=str(self.certificate), timeout=60)


class Product(BaseHTTPRequestHandler):
    """Says that it was asked."""

    def do_GET(self) -> None:
        """Says so."""
        body = b"the product"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Logs nothing."""


@contextmanager
def _product() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Product) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def _configured(directory: Path, replacements: dict[str, str]) -> None:
    """Lays the files out below a directory as install.md does below /etc/nginx, with other addresses and paths."""
    used = set()
    for name, target in {
        "session-events.conf": "conf.d",
        "session-events-locations.conf": "snippets",
        "session-events-proxy.conf": "snippets",
        "site.conf": "",
    }.items():
        text = (DEPLOY / name).read_text()
        for before, after in replacements.items():
            used |= {before} if before in text else set()
            text = text.replace(before, after)
        (directory / target).mkdir(exist_ok=True)
        (directory / target / name).write_text(text)
    assert used == set(replacements)


@pytest.fixture(scope="module")
def site(running_stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site on loopback."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if program is None:
        pytest.fail("nginx is not there: apt-get install nginx")
    directory = tmp_path_factory.mktemp("nginx")
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-out", str(certificate), "-keyout", str(key)]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *names, *files]
    subprocess.run(command, check=True, capture_output=True)
    port = free_port()
    with proxy(running_stack.postgrest_url, env={"PROXY_BASE_PATH": "/session-events"}) as front, _product() as product:
        _configured(
            directory,
            {
                "127.0.0.1:8000": urlsplit(front.url).netloc,
                "127.0.0.1:8080": f"127.0.0.1:{product}",
                "listen 443": f"listen 127.0.0.1:{port}",
                "boost.example": "localhost",
                "/etc/ssl/session-events": str(directory),
                "/var/log/nginx": str(directory),
            },
        )
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        paths = "\n".join(f"{kind}_temp_path {directory}/{kind};" for kind in kinds)
        (directory / "nginx.conf").write_text(MAIN.format(directory=directory, paths=paths))
        # pytest's directories are its user's own.
        main = "daemon off; user root;" if os.geteuid() == 0 else "daemon off;"
        server: list[str | Path] = [program, "-p", directory, "-c", directory / "nginx.conf", "-g", main]
        server += ["-e", directory / "error.log"]
        log = directory / "nginx.log"
        with running(server, env=plain_environment(), log=log, ready=lambda: _answers(port)):
            yield Site(f"https://localhost:{port}", certificate, directory)


def _answers(port: int) -> bool:
    try:
        return bool(ssl.get_server_certificate(("127.0.0.1", port)))
    except OSError:
        return False


def test_each_path_reaches_whose_it_is(site: Site, writer: psycopg.Connection[object]) -> None:
    """The events should be ours, below the product's own paths and below the base path; all else is the product's."""
    session_id = add_session(writer)
    add_events(writer, session_id, spread(1))
    for path in (f"/api/v2/sessions/{session_id}/events", f"/session-events/api/v2/sessions/{session_id}/events"):
        assert [item["message"] for item in site.get(path).json()["items"]] == ["info 0"]
    for path in ("/", "/api/v2/sessions", f"/api/v2/sessions/{session_id}", f"/api/v2/sessions/{session_id}/events/1"):
        assert site.get(path).text == "the product"
    assert site.get("/session-events").url == f"{site.url}/session-events/"
    assert site.get("/session-events/ready").json() == {"status": "ok"}
    assert site.get("/session-events/metrics").status_code == 404


def test_page_leads_nowhere_else(site: Site) -> None:
    """The page should load and link only what is below the base path."""
    page = site.get("/session-events/sessions/8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11").text
    for link in re.findall(r'(?:href|src)="(/[^"]*)"', page):
        assert link.startswith("/session-events/")
        assert site.get(link).status_code == 200


def test_query_arrives_as_it_was_sent(site: Site, writer: psycopg.Connection[object]) -> None:
    """Filters, walks and mistakes should reach the proxy unchanged."""
    session_id = add_session(writer)
    add_events(writer, session_id, [*spread(3), *spread(1, event_type="error")])
    path = f"/api/v2/sessions/{session_id}/events"
    first = site.get(f"{path}?limit=2").json()
    second = site.get(f"{path}?next={first['pagination']['next']}").json()
    assert len({item["id"] for item in first["items"] + second["items"]}) == 4
    assert site.get(f"{path}?event_type=error&since=2026-01-13T14:29:00%2B00:00").json()["pagination"]["total"] == 1
    assert site.get("/api/v2/sessions/nonsense/events").status_code == 400
    assert site.get(f"{path}?limit=0").json()["errors"][0]["parameter"] == "limit"


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_compressed_once(site: Site, writer: psycopg.Connection[object], encoding: str) -> None:
    """An answer should be compressed by the proxy alone, and keep its ETag."""
    session_id = add_session(writer)
    add_events(writer, session_id, spread(50))
    pool = urllib3.PoolManager(ca_certs=str(site.certificate))
    url = f"{site.url}/api/v2/sessions/{session_id}/events"
    answer = pool.request("GET", url, headers={"Accept-Encoding": encoding}, preload_content=False)
    body = answer.read(decode_content=False)
    assert answer.headers.get("Content-Encoding", "identity") == encoding
    assert (gzip.decompress(body) if encoding == "gzip" else body).startswith(b'{"items":')
    known = {"Accept-Encoding": encoding, "If-None-Match": answer.headers["ETag"]}
    assert pool.request("GET", url, headers=known).status == 304
    pool.clear()


def test_log_ties_address_and_request(site: Site, writer: psycopg.Connection[object]) -> None:
    """A line should have the client's address and the request id of the answer, and never a cursor."""
    session_id = add_session(writer)
    path = f"/api/v2/sessions/{session_id}/events"
    cursor = site.get(path).json()["cursor"]
    asked = site.get(f"{path}?cursor={cursor}", **{"X-Request-ID": "the-id-of-the-report"})
    assert asked.headers["X-Request-ID"] == "the-id-of-the-report"
    lines = (site.directory / "session-events.log").read_text()
    assert re.search(rf'^127.0.0.1 \[.*\] "GET {path}" 200 \d+ \S+ the-id-of-the-report$', lines, re.MULTILINE)
    assert cursor not in lines
