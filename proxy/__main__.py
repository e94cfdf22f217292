"""`python -m proxy`: serves until SIGTERM or SIGINT, then lets the running requests finish."""

import asyncio
import gc
import signal
import socket
import sys
from contextlib import suppress
from functools import partial

from aiohttp import web

from proxy import logs
from proxy.app import create_app
from proxy.metrics import Metrics
from proxy.polls import MOST_SECONDS
from proxy.server import Runner
from proxy.settings import Settings, SettingsError, from_environment
from proxy.workers import Place, Workers, listen
from pulse.systemd import Systemd

try:
    import resource
except ImportError:
    resource = None  # type: ignore[assignment]  # Windows
try:
    from uvloop import new_event_loop
except ImportError:
    # uvloop is not to be had everywhere (Windows, PyPy); the proxy only gets slower.
    from asyncio import new_event_loop  # type: ignore[assignment]

_BACKLOG = 1024
# Objects more than freed, and how often the next older ones are looked through. A request leaves nothing that only the
# collector finds; a look at all that 5,000 connections hold takes a tenth of a second, in which nobody is answered.
_COLLECT_AFTER = (10_000, 20, 20)


def main() -> int:
    """Reads the settings and serves; 2 where a setting is wrong, 1 where the address cannot be had."""
    logs.set_up()
    try:
        settings = from_environment()
    except SettingsError as error:
        print(f"proxy: {error}", file=sys.stderr)
        return 2
    try:
        sockets = listen(settings.host, settings.port, settings.workers)
    except OSError as error:
        print(
            f"proxy: cannot listen on {settings.host}:{settings.port} (PROXY_HOST, PROXY_PORT): {error}",
            file=sys.stderr,
        )
        return 1
    _lift_limit()
    # Made before the workers are, which share its memory.
    metrics = Metrics(settings.workers)
    systemd = Systemd()
    if len(sockets) == 1:
        _run(settings, metrics, sockets[0], systemd)
    else:
        _announce(sockets[0])
        Workers(sockets, partial(_work, settings, metrics), systemd).run()
    return 0


def _lift_limit() -> None:
    """Lets it have as many connections as the machine allows; the usual 1,024 are for programs that call select()."""
    if resource is not None:
        with suppress(OSError, ValueError):
            _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _work(settings: Settings, metrics: Metrics, place: Place) -> None:
    metrics.begin(place.number)
    _run(settings, metrics, place.socket, place)


def _run(settings: Settings, metrics: Metrics, own: socket.socket, superior: Systemd | Place) -> None:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(_serve(settings, metrics, own, superior))


async def _serve(settings: Settings, metrics: Metrics, own: socket.socket, superior: Systemd | Place) -> None:
    """Serves a socket until told to stop, and lets the superior know how it is."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    # The time of a large page begins once that of all others would be over; then all is before anybody's patience is
    # (TimeoutStopSec of the unit, stack/process.py).
    most = MOST_SECONDS + settings.request_timeout
    runner = Runner(create_app(settings, metrics), shutdown_timeout=most)
    await runner.setup()
    try:
        await web.SockSite(runner, own, backlog=_BACKLOG).start()
        _collect_rarely()
        if isinstance(superior, Place):
            loop.add_reader(superior.gone, stop.set)
        else:
            _announce(own)
        superior.ready()
        _give_signs(loop, superior)
        await stop.wait()
        superior.stopping()
    finally:
        await runner.cleanup()


def _give_signs(loop: asyncio.AbstractEventLoop, superior: Systemd | Place) -> None:
    """Says that it is alive, again and again, for as long as the loop does not hang."""
    superior.alive()
    loop.call_later(superior.every, _give_signs, loop, superior)


def _collect_rarely() -> None:
    """Keeps the garbage collector from looking through thousands of connections all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def _announce(own: socket.socket) -> None:
    host, port = own.getsockname()[:2]
    print(f"proxy: listening on http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
