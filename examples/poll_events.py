"""Follows a session and prints each of its events once, oldest first, without losing one.

Run:   python examples/poll_events.py SESSION_ID [--url URL] [--event-type TYPE] [--by cursor|since]
Key:   where the server asks for one, set the environment variable API_KEY.
Needs: Python 3.11 and requests. Why each step is as it is: /docs#polling on the server.
"""

# ruff: noqa: INP001 - a script, not a part of a package
import argparse
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import requests

ENDED = 30  # X-Poll-Interval, in seconds, of a session that has ended
CUT_OFF = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


class ProblemError(Exception):
    """The server refused the request; asking again as it was would not help."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem["detail"])
        self.type = str(problem["type"])


def get_page(session: requests.Session, url: str, query: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """One page and the seconds until the next poll; waits while the server is busy or away."""
    pause = 1.0
    while True:
        wait, reason = pause, "no answer"
        try:
            response = session.get(url, params=query, timeout=30)
            if response.ok:
                return response.json(), float(response.headers["X-Poll-Interval"])
            if response.status_code < 500:
                raise ProblemError(response.json())
            wait, reason = float(response.headers.get("Retry-After", pause)), str(response.status_code)
        except CUT_OFF:
            pass
        print(f"{reason}, again in {wait:g} s", file=sys.stderr, flush=True)
        time.sleep(wait)
        pause = min(2 * pause, 60)


def get_all(
    session: requests.Session, url: str, query: dict[str, Any]
) -> tuple[list[dict[str, Any]], dict[str, str], float]:
    """The events on all pages of a query, newest first, with the bookmarks and the wait of the first page."""
    page, wait = get_page(session, url, query)
    # A later page's bookmark would skip what arrived in between.
    bookmarks = {"cursor": page["cursor"], "since": page["timestamp"]}
    events = page["items"]
    while page["pagination"]["has_next"]:
        total = page["pagination"]["total"]
        page, _ = get_page(session, url, {**query, "page": page["pagination"]["page"] + 1})
        events += page["items"]
        if page["pagination"]["total"] < total:
            # Events were deleted, or the page came from a standby that lags behind: the pages do not join.
            return get_all(session, url, query)
    return events, bookmarks, wait


def follow(
    session: requests.Session, url: str, *, by: str = "cursor", event_type: str | None = None
) -> Iterator[dict[str, Any]]:
    """Each event once, oldest first, until the session has ended and nothing new comes."""
    seen: set[str] = set()
    bookmark: dict[str, str] = {}
    while True:
        try:
            events, bookmarks, wait = get_all(session, url, {"limit": 1000, "event_type": event_type, **bookmark})
        except ProblemError as problem:
            if not problem.type.endswith("#problem-cursor-lost"):
                raise
            bookmark = {}
            continue
        # What was written while another writer was in flight comes twice.
        new = {event["id"]: event for event in reversed(events) if event["id"] not in seen}
        yield from new.values()
        if wait >= ENDED and not new:
            return
        seen.update(new)
        bookmark = {by: bookmarks[by]}
        time.sleep(wait)


def main() -> int:
    """Prints events until the session has ended; 1 where the server refuses."""
    parser = argparse.ArgumentParser(description="Follows a session and prints each of its events once.")
    parser.add_argument("session_id")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the server (default: %(default)s)")
    parser.add_argument("--event-type", help="only events of this type")
    parser.add_argument("--by", choices=["cursor", "since"], default="cursor", help="cursor is exact, since is good")
    arguments = parser.parse_args()
    url = f"{arguments.url}/api/v2/sessions/{arguments.session_id}/events"
    with requests.Session() as session:
        if key := os.environ.get("API_KEY"):
            session.headers["X-API-Key"] = key
        try:
            for event in follow(session, url, by=arguments.by, event_type=arguments.event_type):
                print(event["timestamp"], event["event_type"], event["message"], flush=True)
        except ProblemError as problem:
            print(problem, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
