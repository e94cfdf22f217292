"""One fault: something breaks under pollers, and is mended."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.faults.pollers import GOOD, MEGABYTE, REFUSED, Watch, watch
from tests.faults.site import Site
from tests.support.long import LONG
from tests.support.rows import add_session

# What a client may see of it, whatever it is.
ALLOWED = {*GOOD, 503, 504}
MOST_SECONDS = 5.0
MOST_SECONDS_TO_HEALTH = 3.0
# The short selection runs beside other tests.
BUSY = 1.0 if LONG else 2.0

ROW = "fault"  # the name of the property of a test that holds its row


@dataclass
class Fault:
    """What comes of a fault; the test says in `back` when the part is there again."""

    watch: Watch
    broken: float
    back: float = field(default=0.0)

    def is_back(self) -> None:
        """The part is there again, now."""
        self.back = time.monotonic()

    def lasts(self, seconds: float) -> None:
        """Lets it last."""
        threading.Event().wait(seconds)

    def wait_for(self, *statuses: int | str) -> None:
        """Waits until each poller has seen one of these."""
        self.watch.wait_for_polls(lambda each: each.status in statuses, f"each poller has seen one of {statuses}")


@contextmanager
def fault(
    request: pytest.FixtureRequest,
    site: Site,
    part: str,
    how: str,
    *,
    proxy_away: bool = False,
    proxy_url: str | None = None,
) -> Iterator[Fault]:
    """The time of a fault; after it everything must be healthy again, and nobody have seen what is not allowed.

    `proxy_away` is for faults of the proxy, whose clients may find nobody there, or wait for as long; `proxy_url` is
    for one of the test's own.
    """
    with site.connect() as connection:
        session_id = add_session(connection)
    with watch(proxy_url or site.proxy_url, site.database_url, session_id) as watching:
        happened = Fault(watching, time.monotonic())
        yield happened
        assert happened.back, "the test must say when the part is back"
        watching.wait_until_healthy(happened.back)
    polls = [each for each in watching.seen if each.ended > happened.broken]
    counted = Counter(each.status for each in polls)
    seconds = watching.seconds_to_health(happened.back)
    small = [each.seconds for each in polls if each.size < MEGABYTE and each.status != REFUSED]
    row = [
        part,
        how,
        f"{happened.back - happened.broken:.1f}",
        str(len(polls)),
        str(sum(1 for each in polls if not each.good)),
        ", ".join(f"{status}: {times}" for status, times in sorted(counted.items(), key=str)),
        f"{max(small):.1f}",
        f"{seconds:.1f}",
    ]
    print(" | ".join(row))
    request.node.user_properties.append((ROW, " | ".join(row)))
    assert set(counted) <= ALLOWED | ({REFUSED} if proxy_away else set())
    assert proxy_away or max(small) <= MOST_SECONDS * BUSY
    assert seconds <= MOST_SECONDS_TO_HEALTH * BUSY
