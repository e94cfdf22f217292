"""How much memory large pages take, in PostgREST and in the proxy (docs/performance.md has the figures)."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from tests.payloads.conftest import EVENTS, MEGABYTE
from tests.payloads.servers import Servers, fetch, peak, resident
from tests.support.long import long

PAGE = EVENTS * MEGABYTE
BASE = 64 * MEGABYTE
# Copies of a page, at most, for each that is under way. PostgREST's include what its collector has not yet given back.
COPIES = {"postgrest": 8, "proxy": 3}
AT_ONCE = 4


@long
def test_memory_is_bounded(servers: Servers, megabytes: UUID) -> None:
    """Both should stay below a base and some copies of each page under way, and small polls should add nothing."""
    _small_polls(servers, megabytes)
    _report("at first", servers)
    for coding in ("identity", "gzip"):
        fetch(servers.client.url, megabytes, coding)
        _report(f"after one page, {coding}", servers)
    _assert_bounded(servers, pages=1)

    with ThreadPoolExecutor(AT_ONCE) as threads:
        pages = [threads.submit(fetch, servers.client.url, megabytes, "identity") for _ in range(AT_ONCE)]
    assert all(page.result() > PAGE for page in pages)
    _report(f"after {AT_ONCE} at once", servers)
    _assert_bounded(servers, pages=AT_ONCE)

    peaks = [peak(process) for process in servers.processes.values()]
    _small_polls(servers, megabytes)
    _report("after small polls", servers)
    assert [peak(process) for process in servers.processes.values()] == peaks


def _small_polls(servers: Servers, session_id: UUID) -> None:
    for _ in range(50):
        assert servers.client.ids(session_id, event_type="error") == []


def _assert_bounded(servers: Servers, *, pages: int) -> None:
    for name, process in servers.processes.items():
        assert peak(process) < BASE + COPIES[name] * PAGE * pages, name


def _report(when: str, servers: Servers) -> None:
    """For docs/performance.md: pytest -s tests/payloads/test_memory.py"""
    figures = (
        f"{name} {resident(process) / 1e6:.0f} MB (peak {peak(process) / 1e6:.0f})"
        for name, process in servers.processes.items()
    )
    print(f"{when}: {', '.join(figures)}")
