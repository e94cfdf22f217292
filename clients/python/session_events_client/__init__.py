"""Follows the events of one session of the Session Events API: none is lost, each is told once.

    from session_events_client import Follower

    with Follower("http://127.0.0.1:8000/api/v2/sessions/8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11/events") as follower:
        for event in follower:
            print(event.timestamp, event.event_type, event.message)

`AsyncFollower` is the same for asyncio.
"""

from session_events_client.errors import EventsError
from session_events_client.event import Event, Session
from session_events_client.follower import AsyncFollower, Follower
from session_events_client.place import State

__all__ = ["AsyncFollower", "Event", "EventsError", "Follower", "Session", "State"]
