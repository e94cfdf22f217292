"""What is counted, and GET /metrics, which tells it."""

import platform
from collections.abc import Iterator
from http import HTTPStatus

from aiohttp import web
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from proxy import site
from proxy.access import Access
from proxy.counters import Counter, Gauge, Histogram, Table
from proxy.problems import Kind

PATH = "/metrics"

# What a request is about (EventsQuery.kind); `other` is not about events, or was refused before that was known.
_KINDS = ("page", "next", "cursor", "since", "other")
_CALLS = ("shared", "alone", "large")
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
# A commit late by seconds is everyday; by hours, somebody has forgotten a transaction.
_AGES = (0.01, 0.1, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 86400.0)
_POLLS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0)
# Why a call failed: there was no answer, or none that can be read, or it was of an error, by what clients see of it.
UNREACHABLE, UNREADABLE = "unreachable", "unreadable"
_REASONS = (
    UNREACHABLE,
    UNREADABLE,
    *(kind.slug for kind in (Kind.UNAVAILABLE, Kind.OVERLOADED, Kind.TIMEOUT, Kind.RESPONSE_TOO_LARGE)),
)


class Metrics(Collector):
    """All that is counted, by so many workers."""

    def __init__(self, workers: int = 1) -> None:
        table = self._table = Table(workers)
        self.requests = Counter(
            table,
            "session_events_requests",
            "Requests that were answered.",
            {"kind": _KINDS, "status": list(HTTPStatus)},
            sparse=True,
        )
        self.request_seconds = Histogram(
            table,
            "session_events_request_seconds",
            "Time until an answer is ready; one of more than a mebibyte: is sent.",
            _SECONDS,
            {"kind": _KINDS},
        )
        self.problems = Counter(
            table,
            "session_events_problems",
            "Answers that were an error.",
            {"problem": [kind.slug for kind in Kind]},
        )
        self.response_bytes = Counter(
            table, "session_events_response_bytes", "Bytes of the answers, without their headers."
        )
        self.in_flight = Gauge(table, "session_events_requests_in_flight", "Requests that wait for their answer.")
        self.waiting = Gauge(
            table, "session_events_polls_waiting", "Polls that wait for their call to begin.", {"call": _CALLS}
        )
        self.joined = Counter(
            table,
            "session_events_joined_requests",
            "Requests that were answered with an equal one that waited already.",
        )
        self.call_seconds = Histogram(
            table, "session_events_call_seconds", "Time of a call to PostgREST.", _SECONDS, {"call": _CALLS}
        )
        self.call_polls = Histogram(
            table, "session_events_shared_call_polls", "Polls that went together in a shared call.", _POLLS
        )
        self.database_seconds = Counter(table, "session_events_database_seconds", "Time of the calls in the database.")
        self.horizon_age = Histogram(
            table,
            "session_events_horizon_age_seconds",
            "How far behind the call the timestamp lay that it answered.",
            _AGES,
        )
        self.failed_calls = Counter(
            table, "session_events_failed_calls", "Calls to PostgREST without a good answer.", {"reason": _REASONS}
        )

    def begin(self, worker: int) -> None:
        """Counts as one of the workers from now on."""
        self._table.begin(worker)

    def collect(self) -> Iterator[Metric]:
        """What all workers have counted, and which program this is."""
        yield from self._table.collect()
        build = GaugeMetricFamily("session_events_build_info", "Which program this is.", labels=["version", "python"])
        build.add_metric([site.specification()["info"]["version"], platform.python_version()], 1)
        yield build


class Exposition:
    """Tells the metrics to whoever has a key, where there are any."""

    def __init__(self, metrics: Metrics, access: Access) -> None:
        self._metrics = metrics
        self._access = access

    async def get(self, request: web.Request) -> web.Response:
        """The metrics in Prometheus's text format.

        Raises:
            Problem: unauthorized.
        """
        await self._access.check(request, bearer=True)
        return web.Response(
            body=generate_latest(self._metrics),
            headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4, "Cache-Control": "no-store"},
        )
