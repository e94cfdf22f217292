"""PostgREST and a proxy, with their memory."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import psutil
import requests

from stack.process import Running
from tests.support.client import Client

CHUNK = 1 << 20


@dataclass(frozen=True)
class Servers:
    """Both processes, and a client of the proxy that checks nothing itself."""

    postgrest: Running
    proxy: Running
    client: Client

    @property
    def processes(self) -> dict[str, Running]:
        """Both by name."""
        return {"postgrest": self.postgrest, "proxy": self.proxy}


def resident(process: Running) -> int:
    """Bytes in memory now."""
    return psutil.Process(process.pid).memory_info().rss


def peak(process: Running) -> int:
    """Bytes in memory at most, since it started."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(kilobytes) * 1024


def fetch(proxy_url: str, session_id: UUID, coding: str, *, limit: int = 100) -> int:
    """Reads the session's first page and keeps none of it; the bytes that came."""
    url = f"{Client(proxy_url).events_url(session_id)}?limit={limit}"
    with requests.get(url, headers={"Accept-Encoding": coding}, stream=True, timeout=120) as response:
        assert response.status_code == 200, response.text
        return sum(len(chunk) for chunk in response.raw.stream(CHUNK, decode_content=False))
