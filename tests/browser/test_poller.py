"""events-poller.js for other programs: in Node, against the real stack."""

import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest

from stack.postgrest import authenticator_uri, postgrest
from stack.proxy import proxy
from stack.rundir import run_directory
from stack.whole import Stack
from tests.support.client import Client
from tests.support.rows import START, Event, add_events, newest_first, spread

from .follower import follower

Writer = psycopg.Connection[Any]
STATIC = Path(__file__).resolve().parents[2] / "proxy" / "static"
LATER = START + timedelta(hours=1)


@pytest.fixture
def url(client: Client, session_id: UUID) -> str:
    """Where the events of the session are."""
    return client.events_url(session_id)


@contextmanager
def _web_server(directory: Path) -> Iterator[str]:
    """A server of files, which knows nothing of the API."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(directory))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def _on(proxy_url: str, url: str) -> str:
    """The same events through another proxy."""
    return f"{proxy_url}{urlsplit(url).path}"


def _change(writer: Writer, event: Event, *, message: str, timestamp: datetime) -> None:
    """Writes an event anew, under its id."""
    writer.execute(
        "update public.events set message = %s, timestamp = %s where id = %s", [message, timestamp, event.id]
    )


def _set_status(writer: Writer, session_id: UUID, status: str) -> None:
    writer.execute("update public.sessions set status = %s where id = %s", [status, session_id])


def test_burst(writer: Writer, session_id: UUID, url: str) -> None:
    """A burst of many pages should be told whole, each event once, and be kept in the API's order."""
    events = spread(5)
    add_events(writer, session_id, events)
    with follower(url, limit=10) as poller:
        poller.until_told(5)
        burst = [Event(timestamp=LATER + timedelta(seconds=n // 4)) for n in range(95)]
        with writer.transaction():
            add_events(writer, session_id, burst)
        assert poller.until_state("behind")["remaining"] == 85
        poller.until_told(100)
        assert len(poller.told) == len(set(poller.told)) == 100
        assert poller.has() == {"all": newest_first(events + burst), "joined": 100, "remaining": 0}


def test_written_during_a_burst(writer: Writer, session_id: UUID, url: str) -> None:
    """What is written while the pages of a burst are walked should be told too, by the poll after it."""
    with follower(url, limit=5) as poller:
        poller.until_state("live")
        with writer.transaction():
            add_events(writer, session_id, spread(300))
        poller.until_state("behind")
        for number in range(20):
            add_events(writer, session_id, [Event(timestamp=LATER + timedelta(seconds=number))])
        poller.until_told(320)
        assert len(poller.told) == len(set(poller.told)) == 320


def test_deleted_during_a_burst(writer: Writer, session_id: UUID, url: str) -> None:
    """Where events are deleted while pages are walked, those that move up to earlier pages should be told too."""
    events = spread(300)
    with follower(url, limit=5) as poller:
        poller.until_state("live")
        with writer.transaction():
            add_events(writer, session_id, events)
        poller.until_state("behind")
        gone, kept = newest_first(events)[:50], newest_first(events)[50:]
        writer.execute("delete from public.events where id = any(%s::uuid[])", [gone])
        poller.until(lambda _: set(kept) <= set(poller.told))
        assert len(poller.told) == len(set(poller.told))


def test_writers_in_flight(writer: Writer, database_url: str, session_id: UUID, url: str) -> None:
    """What is committed late should be told once, in its place, whatever was told meanwhile."""
    late = [Event(timestamp=START + timedelta(seconds=n + 0.5)) for n in range(3)]
    early = spread(3)
    with psycopg.connect(database_url) as slow:
        add_events(slow, session_id, late)
        add_events(writer, session_id, early)
        with follower(url) as poller:
            poller.until_told(3)
            add_events(writer, session_id, [more := Event(timestamp=LATER)])
            poller.until_told(4)
            slow.commit()
            poller.until_told(7)
            # Once more, since what came while the writer was in flight may come twice.
            poller.until_state("live")
            assert len(poller.told) == len(set(poller.told)) == 7
            assert poller.has()["all"] == newest_first([*early, *late, more])


def test_older(writer: Writer, session_id: UUID, url: str) -> None:
    """The past should be loaded page by page without a gap, also where new events have pushed it down meanwhile."""
    events = spread(30)
    add_events(writer, session_id, events)
    with follower(url, limit=10, leastSeconds=600) as poller:
        poller.until_told(10)
        assert poller.has()["remaining"] == 20
        add_events(writer, session_id, new := spread(23, start=LATER))
        poller.command("older")
        poller.command("older")
        poller.command("older")
        poller.command("start")
        poller.until_told(53)
        assert poller.has() == {"all": newest_first(events + new), "joined": 53, "remaining": 0}


def test_digits(writer: Writer, session_id: UUID, url: str) -> None:
    """event_data should be there as text with every digit, and written to JSON it should be as the API wrote it."""
    data = f'{{"d": 0.1000, "e": {"1" + "0" * 400}, "n": {2**63}, "s": "}}]\\"\\\\"}}'
    add_events(writer, session_id, [Event(event_data=data), Event(event_data='"\\\\"', message='"event_data": 1')])
    with follower(url) as poller:
        events = poller.until(lambda said: "events" in said)["events"]
        assert {event["event_data_text"] for event in events} == {data, '"\\\\"'}
        poller.command("json")
        written = poller.until(lambda said: "json" in said)["json"]
        assert {tuple(event) for event in written} == {
            ("id", "session_id", "step_id", "event_type", "timestamp", "message", "event_data")
        }


def test_pause(writer: Writer, session_id: UUID, url: str) -> None:
    """Paused it should tell nothing; started again it should tell what it had missed."""
    add_events(writer, session_id, spread(1))
    with follower(url) as poller:
        poller.until_told(1)
        poller.command("pause")
        poller.until_state("paused")
        add_events(writer, session_id, spread(30, start=LATER))
        assert len(poller.has()["all"]) == 1
        poller.command("start")
        poller.until_told(31)


def test_filter(writer: Writer, session_id: UUID, url: str) -> None:
    """With a type it should tell the events of that type only, at first and later."""
    add_events(writer, session_id, [*spread(2), *spread(2, event_type="error")])
    with follower(url, eventType="error") as poller:
        poller.until_told(2)
        add_events(writer, session_id, [*spread(2), *(new := spread(1, event_type="error"))])
        poller.until_told(3)
        assert poller.told[-1] == str(new[0].id)


def test_network_away(running_stack: Stack, writer: Writer, session_id: UUID, url: str) -> None:
    """Without a server it should wait longer each time, and lose nothing when the server is back."""
    add_events(writer, session_id, spread(1))
    with ExitStack() as first:
        front = first.enter_context(proxy(running_stack.postgrest_url))
        with follower(_on(front.url, url)) as poller:
            poller.until_told(1)
            first.close()
            waits = [poller.until_state("retrying") for _ in range(3)]
            assert {wait["error"] for wait in waits} == {"network"}
            for number, wait in enumerate(waits):
                assert 2**number / 2 <= wait["seconds"] <= 2**number
            add_events(writer, session_id, spread(1, start=LATER))
            with proxy(running_stack.postgrest_url, port=urlsplit(front.url).port or 0):
                poller.command("start")
                poller.until_told(2)


def test_retry_after(running_stack: Stack, tmp_path: Path, url: str) -> None:
    """A 503 should be waited out for at least as long as Retry-After says."""
    with (
        run_directory(tmp_path / "run") as sockets,
        proxy(f"unix://{sockets / 'postgrest'}") as front,
        follower(_on(front.url, url)) as poller,
    ):
        wait = poller.until_state("retrying")
        assert (wait["error"], wait["seconds"]) == ("unavailable", 5)
        with postgrest(authenticator_uri(running_stack.database_url), sockets / "postgrest"):
            poller.command("start")
            poller.until_state("live")


def test_no_json(tmp_path: Path) -> None:
    """An answer of something else, such as a portal's page, should be an error that passes, and no empty success."""
    (tmp_path / "events").write_text("<html>Please log in</html>")
    with _web_server(tmp_path) as server, follower(f"{server}/events") as poller:
        assert poller.until_state("retrying")["error"] == "unreadable"


def test_page_too_large(running_stack: Stack, writer: Writer, session_id: UUID, url: str) -> None:
    """Where one answer cannot hold a page it should ask for fewer events at a time, until it has all."""
    events = [Event(message="x" * 1000, timestamp=START + timedelta(seconds=n)) for n in range(20)]
    with (
        proxy(running_stack.postgrest_url, env={"MAX_RESPONSE_BYTES": "5000"}) as front,
        follower(_on(front.url, url)) as poller,
    ):
        poller.until_state("live")
        add_events(writer, session_id, events)
        poller.until_told(20)
        assert poller.has()["all"] == newest_first(events)


def test_page_of_the_past_too_large(running_stack: Stack, writer: Writer, session_id: UUID, url: str) -> None:
    """Where a page of the past is too large it should be loaded in smaller ones, without a gap."""
    large = [Event(message="x" * 1000, timestamp=START + timedelta(seconds=n)) for n in range(20)]
    small = spread(10, start=LATER)
    add_events(writer, session_id, large + small)
    with (
        proxy(running_stack.postgrest_url, env={"MAX_RESPONSE_BYTES": "5000"}) as front,
        follower(_on(front.url, url), limit=10, leastSeconds=600) as poller,
    ):
        poller.until_told(10)
        poller.command("older")
        assert poller.until_state("behind")["remaining"] > 0
        poller.until_state("live")
        while poller.has()["remaining"] > 0:
            poller.command("older")
        assert poller.has() == {"all": newest_first(large + small), "joined": 30, "remaining": 0}
        assert len(poller.told) == len(set(poller.told)) == 30


def test_event_too_large(running_stack: Stack, writer: Writer, session_id: UUID, url: str) -> None:
    """Where one event alone is larger than an answer may be, it should stop and say so."""
    add_events(writer, session_id, [Event(message="x" * 10_000)])
    with (
        proxy(running_stack.postgrest_url, env={"MAX_RESPONSE_BYTES": "5000"}) as front,
        follower(_on(front.url, url)) as poller,
    ):
        assert poller.until_state("stopped")["error"] == "response-too-large"


def test_changed_event(writer: Writer, session_id: UUID, url: str) -> None:
    """An event that is changed should be told as such, and take its new place once."""
    events = spread(3)
    add_events(writer, session_id, events)
    with follower(url) as poller:
        poller.until_told(3)
        _change(writer, events[0], message="told again", timestamp=LATER)
        changed = poller.until(lambda said: "changed" in said)["changed"]
        assert [(event["id"], event["message"]) for event in changed] == [(str(events[0].id), "told again")]
        assert poller.has()["all"] == [str(events[n].id) for n in (0, 2, 1)]
        assert len(poller.told) == 3


def test_changed_event_of_the_past(writer: Writer, session_id: UUID, url: str) -> None:
    """What a poll has told of an event should stand when the past, as it was before, is loaded."""
    events = spread(30)
    add_events(writer, session_id, events)
    with follower(url, limit=10) as poller:
        poller.until_told(10)
        _change(writer, events[0], message="told again", timestamp=START)
        poller.until_told(11)
        poller.command("older")
        poller.command("older")
        assert poller.has() == {"all": newest_first(events), "joined": 30, "remaining": 0}
        poller.command("json")
        assert poller.until(lambda said: "json" in said)["json"][-1]["message"] == "told again"
        assert len(poller.told) == len(set(poller.told)) == 30


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_end(writer: Writer, session_id: UUID, url: str, status: str) -> None:
    """The session's own status should tell the end, and one that nobody knows should not."""
    with follower(url) as poller:
        assert not poller.until_state("live")["ended"]
        _set_status(writer, session_id, "archived")
        poller.until_state("live")
        assert not poller.until_state("live")["ended"]
        _set_status(writer, session_id, status)
        poller.until(lambda said: said["ended"])


def test_api_key(running_stack: Stack, writer: Writer, session_id: UUID, url: str) -> None:
    """Without the right key it should stop and say why; with it, it should begin."""
    add_events(writer, session_id, spread(1))
    with (
        proxy(running_stack.postgrest_url, env={"API_KEYS": "right"}) as front,
        follower(_on(front.url, url), apiKey="wrong") as poller,
    ):
        assert poller.until_state("stopped")["error"] == "unauthorized"
        poller.command("key", "right")
        poller.until_told(1)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v2/sessions/00000000-0000-0000-0000-000000000000/events", "session-not-found"),
        ("/api/v2/sessions/nonsense/events", "invalid-request"),
        ("/nowhere", "not-found"),
    ],
)
def test_refused(running_stack: Stack, path: str, kind: str) -> None:
    """What will not pass by itself should stop it, with the API's own words."""
    with follower(f"{running_stack.proxy_url}{path}") as poller:
        stopped = poller.until_state("stopped")
        assert stopped["error"] == kind
        assert re.search("Session not found|must be a UUID|nothing at this path", stopped["message"])


def test_order_of_extreme_times(writer: Writer, session_id: UUID, url: str) -> None:
    """Timestamps that sort differently as text should be kept in the order of time."""
    years = ["infinity", "200000-01-01Z", "0001-02-03Z", "0003-01-01Z BC", "0005-01-01Z BC", "-infinity"]
    add_events(writer, session_id, [Event(timestamp=year) for year in reversed(years)])
    with follower(url) as poller:
        poller.until_told(6)
        add_events(writer, session_id, [Event(timestamp=year) for year in years])
        poller.until_told(12)
        row = writer.execute(
            "select array_agg(id::text order by timestamp desc, id desc) from public.events where session_id = %s",
            [session_id],
        ).fetchone()
        assert row is not None
        assert poller.has()["all"] == row[0]


def test_documented_example(writer: Writer, session_id: UUID, url: str, tmp_path: Path) -> None:
    """The example at the head of the module should run as it stands, with another address."""
    add_events(writer, session_id, spread(1))
    module = STATIC / "poller" / "events-poller.js"
    lines = re.findall(r"^ \*(?: {5}(.*))?$", module.read_text(encoding="utf-8").partition("*/")[0], re.MULTILINE)
    example = re.sub(r"http://.*(?=\")", url, "\n".join(lines)).replace("./events-poller.js", module.as_uri())
    (program := tmp_path / "example.mjs").write_text(example)
    with subprocess.Popen(["node", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            said = [process.stdout.readline().strip() for _ in range(3)]
        finally:
            process.kill()
    assert said == ["loading", "2026-01-13T14:30:00.000000Z info 0", "live"]


def test_types() -> None:
    """The scripts of the pages should pass TypeScript's checks, with their types written as JSDoc."""
    result = subprocess.run(
        [STATIC.parents[1] / "node_modules" / ".bin" / "tsc", "--project", Path(__file__).with_name("jsconfig.json")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout == ""
