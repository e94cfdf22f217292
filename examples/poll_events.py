"""Follows a session and prints each of its events, oldest first, without losing one; once more if it was changed.

Run:   python examples/poll_events.py SESSION_ID [--url URL] [--event-type TYPE] [--by cursor|since]
Key:   where the server asks for one, set the environment variable API_KEY.
Needs: Python 3.11 and requests. Why each step is as it is: /docs#polling on the server.

This is the whole rule in one file, to be read and carried into another language, so it uses no client of ours; the one
to install is clients/python.
"""

# ruff: noqa: INP001 - a script, not a part of a package
import argparse
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import requests

LIMIT = 1000  # events a page, the most that the server gives
CUT_OFF = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


class ProblemError(Exception):
    """The server refused the request; asking again as it was would not help."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem["detail"])
        self.kind = str(problem["type"]).partition("#problem-")[2]
        self.largest_limit: int | None = problem.get("largest_limit")


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


def get_walk(
    session: requests.Session, url: str, query: dict[str, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]], float]:
    """The first page of a query, the events of all its pages, newest first, and the seconds until the next poll."""
    first, wait = get_page(session, url, query)
    events, page = list(first["items"]), first
    while following := page["pagination"]["next"]:
        page, wait = get_page(session, url, {"next": following})
        events += page["items"]
    return first, events, wait


def follow(
    session: requests.Session, url: str, *, by: str = "cursor", event_type: str | None = None
) -> Iterator[dict[str, Any]]:
    """Each event, oldest first, until the session has ended and nothing new comes; once more where it was changed."""
    told: dict[str, dict[str, Any]] = {}
    limit = LIMIT
    bookmark: dict[str, str] = {}
    while True:
        try:
            query = {"limit": limit, "event_type": event_type, **bookmark}
            first, events, wait = get_walk(session, url, query)
        except ProblemError as problem:
            if problem.kind == "cursor-lost":
                bookmark = {}
            elif problem.largest_limit:
                limit = problem.largest_limit
            else:
                raise
            continue
        # What was written while another writer was in flight comes twice.
        new = {event["id"]: event for event in reversed(events) if told.get(event["id"]) != event}
        yield from new.values()
        told |= new
        # What is still written after the end comes all the same.
        if first["session"]["ended"] and not new:
            return
        bookmark = {by: first["cursor" if by == "cursor" else "timestamp"]}
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
