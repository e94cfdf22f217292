"""The npm package of the poller, in an empty project."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from stack.binaries import REPOSITORY
from stack.proxy import proxy
from stack.whole import Stack
from tests.examples.program import lines, running
from tests.support.client import Client
from tests.support.programs import need
from tests.support.rows import Event, add_events, add_session, spread
from tests.support.wheels import run

TSC = REPOSITORY / "node_modules" / ".bin" / "tsc"
EXAMPLE_URL = "http://127.0.0.1:8000/api/v2/sessions/8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11/events"
TYPED = """
import { EventsError, EventsPoller, fetchPage } from "session-events-poller";
import type { Page, Session, SessionEvent } from "session-events-poller";

export const told: string[] = [];
export const poller = new EventsPoller({
  url: "http://localhost/events",
  onEvents: (events: SessionEvent[], from) => told.push(from, ...events.map(({ message }) => message ?? "")),
  onState: ({ name, seconds }) => told.push(name, (seconds ?? 0).toFixed(1)),
});
export const session: Session | undefined = poller.session;
export async function total(url: string): Promise<number> {
  try {
    const page: Page = await fetchPage(url, { limit: 10 });
    return page.pagination.total;
  } catch (error) {
    if (error instanceof EventsError && error.passes) return error.retryAfter;
    throw error;
  }
}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty project with the package installed, which was packed from a copy of its sources."""
    need("npm", "node")
    copy = tmp_path_factory.mktemp("repository")
    for folder in ("clients/javascript", "proxy/static/poller"):
        built = shutil.ignore_patterns("dist", "*.tgz")
        shutil.copytree(REPOSITORY / folder, copy / folder, ignore=built)
    shutil.copy(REPOSITORY / "LICENSE", copy)
    (copy / "node_modules").symlink_to(REPOSITORY / "node_modules")
    packed = run("npm", "pack", "--silent", cwd=copy / "clients" / "javascript").strip()
    directory = tmp_path_factory.mktemp("project")
    (directory / "package.json").write_text('{"type": "module"}')
    archive = copy / "clients" / "javascript" / packed
    run("npm", "install", "--offline", "--no-audit", "--no-fund", "--silent", archive, cwd=directory)
    return directory


@contextmanager
def _example(project: Path, url: str, key: str = "") -> Iterator[subprocess.Popen[str]]:
    """The example of the package's README in Node, with another address."""
    readme = (project / "node_modules" / "session-events-poller" / "README.md").read_text()
    found = re.search(r"^```js\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    assert found
    assert EXAMPLE_URL in found[1]
    (project / "follow.js").write_text(found[1].replace(EXAMPLE_URL, url))
    with running(["node", project / "follow.js"], {"API_KEY": key}) as process:
        yield process


def test_holds_the_page_s_own_poller(project: Path) -> None:
    """The package should be the poller that the proxy serves, file by file, with types, licence and nothing else."""
    package = project / "node_modules" / "session-events-poller"
    sources = {path.name: path.read_text() for path in (REPOSITORY / "proxy/static/poller").glob("*.js")}
    assert {path.name: path.read_text() for path in (package / "dist").glob("*.js")} == sources
    types = {f"dist/{name.removesuffix('.js')}.d.ts" for name in sources}
    files = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    named = {"LICENSE", "README.md", "index.d.ts", "package.json"}
    assert files == named | types | {f"dist/{name}" for name in sources}


def test_example_follows_a_session(
    project: Path, client: Client, running_stack: Stack, writer: psycopg.Connection[Any]
) -> None:
    """The README's example should print what there is and what comes, with a key, and end with the session."""
    session_id = add_session(writer)
    add_events(writer, session_id, spread(2))
    with proxy(running_stack.postgrest_url, env={"API_KEYS": "open-sesame"}) as locked:
        url = client.events_url(session_id).replace(client.url, locked.url)
        with _example(project, url, "open-sesame") as process:
            assert [line.split(" ", 1)[1] for line in lines(process, 2)] == ["info info 0", "info info 1"]
            add_events(writer, session_id, [Event(event_type="error", message="broken")])
            assert lines(process, 1)[0].endswith(" error broken")
            writer.execute("update public.sessions set status = 'failed' where id = %s", [session_id])
            assert process.communicate(timeout=60) == ("", "")
            assert process.returncode == 0


def test_example_says_what_is_wrong(project: Path, client: Client) -> None:
    """Of an unknown session the README's example should print the server's words, and end."""
    unknown = "00000000-0000-4000-8000-000000000000"
    with _example(project, client.events_url(unknown)) as process:
        assert process.communicate(timeout=60) == ("", f"stopped Session not found: {unknown}\n")


def test_types(project: Path) -> None:
    """A program that uses the types should pass TypeScript's strict checks, and those that misuse them should not."""
    wrong = {"member.ts": ("({ message }) => message", "({ text }) => text"), "type.ts": ("limit: 10", "limit: true")}
    (project / "right.ts").write_text(TYPED)
    for name, (before, after) in wrong.items():
        (project / name).write_text(TYPED.replace(before, after))
    options = {"strict": True, "noEmit": True, "target": "es2022", "module": "nodenext", "types": []}
    (project / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "files": ["right.ts", *wrong]}))
    done = subprocess.run([TSC, "--project", project], check=False, cwd=project, capture_output=True, text=True)
    assert re.findall(r"^(.*?)\(.*error (TS\d+)", done.stdout, re.MULTILINE) == [
        ("member.ts", "TS2339"),
        ("type.ts", "TS2322"),
    ], done.stdout
