"""What the demo prints: what to open and what to type."""

import os
from datetime import UTC, datetime
from uuid import UUID

from demo.samples import BIG_EVENTS, SAMPLES
from recorder.settings import events_url, page_url


def guide(proxy_url: str, live_id: UUID) -> str:
    """Returns the addresses of the pages, and curl lines that work as they are, as text for a terminal."""
    key = ' -H "X-API-Key: $API_KEY"' if os.environ.get("API_KEYS") or os.environ.get("API_KEYS_FILE") else ""
    curl = f"curl -sS --compressed{key}"
    live = events_url(proxy_url, live_id)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    failed, big = (events_url(proxy_url, SAMPLES[key].id) for key in ("failed", "big"))
    read_cursor = "python3 -c 'import json, sys; print(json.load(sys.stdin)[\"cursor\"])'"
    pages = "\n".join(line(sample.title, page_url(proxy_url, sample.id)) for sample in SAMPLES.values())
    return f"""
Pages
{line("All of these, and what is recorded", f"{proxy_url.rstrip('/')}/")}
{line("LIVE, grows every second", page_url(proxy_url, live_id))}
{pages}

The newest five events of the live session
  {curl} '{live}?limit=5'
Only errors, of a session that failed
  {curl} '{failed}?event_type=error'
The second page of {BIG_EVENTS:,} events
  {curl} '{big}?limit=1000&page=2'
What is new since a time
  {curl} '{live}?since={now}'
What is new since an answer: no event is lost
  cursor=$({curl} '{live}?limit=1' | {read_cursor})
  {curl} -G --data-urlencode "cursor=$cursor" '{live}'

Ctrl-C ends it. Recorded meanwhile:"""


def line(title: str, url: str) -> str:
    """Returns one line of a list of pages."""
    return f"  {title:<40} {url}"
