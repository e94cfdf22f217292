"""aiohttp's server, with our answers to what never reaches the application."""

import asyncio
from typing import Any

from aiohttp import web

from proxy import request_id
from proxy.cors import Cors
from proxy.envelope import CORS, dress, unreadable
from proxy.observer import OBSERVER, Observer
from proxy.problems import Kind, Problem
from proxy.shortcut import SHORTCUT, Shortcut

# Long cursors make long lines; what is longer still is refused unread.
_LONGEST_LINE = 64 * 1024
# How long a connection may be without a request, the first one and one whose head is not complete included: longer than
# the minute for which nginx and others in front of us keep theirs, so that it is they who close.
_IDLE_SECONDS = 75.0
_OPTIONS: dict[str, Any] = {
    "access_log": None,
    "keepalive_timeout": _IDLE_SECONDS,
    "max_line_size": _LONGEST_LINE,
    "max_field_size": _LONGEST_LINE,
    # No body is ever looked at.
    "auto_decompress": False,
}


class Runner(web.AppRunner):
    """Runs an application on our server; `shutdown_timeout` is what running requests get at the end, in seconds."""

    def __init__(self, app: web.Application, *, shutdown_timeout: float) -> None:
        super().__init__(app, shutdown_timeout=shutdown_timeout, **_OPTIONS)

    async def _make_server(self) -> web.Server:
        made = await super()._make_server()
        return _Server(made, self.app[CORS], self.app[OBSERVER], self.app[SHORTCUT])


class _Server(web.Server):
    """Makes our connections, for what `made` answers."""

    def __init__(self, made: web.Server, cors: Cors, observer: Observer, shortcut: Shortcut) -> None:
        super().__init__(self._answer, request_factory=made.request_factory)
        self._application = shortcut.around(made.request_handler)
        self._cors = cors
        self._observer = observer

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """The application's answer, or a problem for what aiohttp refuses before our middlewares: an odd Expect."""
        try:
            return await self._application(request)
        except web.HTTPException as error:
            request_id.CURRENT.set(request_id.of(request))
            response = unreadable(error.reason).response(request_id.CURRENT.get())
            self._observer.note(request, response)
            return response

    def __call__(self) -> web.RequestHandler:
        return _RequestHandler(self, self._cors, self._observer)


class _RequestHandler(web.RequestHandler):
    """A connection; aiohttp answers what it cannot parse in a shape of its own, and has no setting for it."""

    __slots__ = ("_cors", "_observer")

    def __init__(self, server: web.Server, cors: Cors, observer: Observer) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), **_OPTIONS)
        self._cors = cors
        self._observer = observer

    async def shutdown(self, timeout: float | None = 15.0) -> None:  # noqa: ASYNC109  aiohttp's
        """Ends the connection once its request is answered, or after `timeout`; aiohttp would take twice that."""
        try:
            async with asyncio.timeout(timeout):
                await super().shutdown(timeout)
        except TimeoutError:
            if self._task_handler is not None:
                self._task_handler.cancel()
            self.force_close()

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """The problem for an error outside of the application; closes the connection, as aiohttp does."""
        request_id.CURRENT.set(request_id.of(request))
        if status >= 500:
            self.log_exception("Error handling request from %s", request.remote, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("The answer is under way already")
        problem = unreadable("it is no valid HTTP, or too long") if status < 500 else Problem(Kind.INTERNAL_ERROR)
        response = problem.response(request_id.CURRENT.get())
        dress(response.headers, response.status, request, self._cors)
        response.force_close()
        self._observer.note(request, response)
        return response
