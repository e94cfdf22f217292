"""`python -m proxy`: serves until SIGTERM or SIGINT, then lets the running requests finish."""

import asyncio
import logging
import signal
import sys

from aiohttp import web

from proxy.app import create_app
from proxy.request_id import RequestIds
from proxy.server import Runner
from proxy.settings import Settings, SettingsError, from_environment

try:
    from uvloop import new_event_loop
except ImportError:
    # uvloop is not to be had everywhere (Windows, PyPy); the proxy only gets slower.
    from asyncio import new_event_loop  # type: ignore[assignment]


async def serve(settings: Settings) -> None:
    """Serves until told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = Runner(create_app(settings), shutdown_timeout=settings.request_timeout)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port, backlog=1024)
        await site.start()
        host, port = runner.addresses[0][:2]
        print(f"proxy: listening on http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()


def main() -> int:
    """Reads the settings and serves; 2 where a setting is wrong, 1 where the address cannot be had."""
    _log()
    try:
        settings = from_environment()
    except SettingsError as error:
        print(f"proxy: {error}", file=sys.stderr)
        return 2
    try:
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(serve(settings))
    except OSError as error:
        print(
            f"proxy: cannot listen on {settings.host}:{settings.port} (PROXY_HOST, PROXY_PORT): {error}",
            file=sys.stderr,
        )
        return 1
    return 0


def _log() -> None:
    """Logs to standard error, each line with the id of the request that it is about."""
    handler = logging.StreamHandler()
    handler.addFilter(RequestIds())
    line = "%(asctime)s %(levelname)s %(name)s [%(request_id)s]: %(message)s"
    logging.basicConfig(level=logging.INFO, format=line, handlers=[handler])


if __name__ == "__main__":
    sys.exit(main())
