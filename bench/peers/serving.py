"""How the peers on aiohttp are served: on a free loopback port that they print."""

import asyncio
import contextlib

from aiohttp import web
from uvloop import new_event_loop


def serve(app: web.Application, name: str) -> None:
    """Until a signal ends it."""
    with contextlib.suppress(web.GracefulExit), asyncio.Runner(loop_factory=new_event_loop) as main:
        main.run(_serve(app, name))


async def _serve(app: web.Application, name: str) -> None:
    runner = web.AppRunner(app, access_log=None, handle_signals=True)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
        print(f"{name}: listening on http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
