"""aiohttp's server, with our answers to what never reaches the application."""

from aiohttp import web

from proxy.envelope import SETTINGS, dress, new_request_id, unreadable
from proxy.problems import Kind, Problem

# Long cursors make long lines; what is longer still is refused unread.
_LONGEST_LINE = 64 * 1024


def create_runner(app: web.Application) -> web.AppRunner:
    """A runner for the application."""
    settings = app[SETTINGS]
    return _Runner(
        app,
        access_log=None,
        shutdown_timeout=settings.request_timeout,
        max_line_size=_LONGEST_LINE,
        max_field_size=_LONGEST_LINE,
    )


class _RequestHandler(web.RequestHandler):
    """A connection; aiohttp answers what it cannot parse in a shape of its own, and has no setting for it."""

    __slots__ = ("cors_allow_origin",)
    cors_allow_origin: str

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """The problem for an error outside of the application; closes the connection, as aiohttp does."""
        if status >= 500:
            self.log_exception("Error handling request from %s", request.remote, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("The answer is under way already")
        problem = unreadable("it is no valid HTTP, or too long") if status < 500 else Problem(Kind.INTERNAL_ERROR)
        request_id = new_request_id()
        response = problem.response(request_id)
        dress(response, request_id, self.cors_allow_origin)
        response.force_close()
        return response


class _Server(web.Server):
    """Makes our connections."""

    cors_allow_origin: str

    def __call__(self) -> web.RequestHandler:
        handler = _RequestHandler(self, loop=self._loop, **self._kwargs)
        handler.cors_allow_origin = self.cors_allow_origin
        return handler


class _Runner(web.AppRunner):
    """Runs the application on our server."""

    async def _make_server(self) -> web.Server:
        server = await super()._make_server()
        server.__class__ = _Server
        assert isinstance(server, _Server)  # noqa: S101 - for the type checker
        server.cors_allow_origin = self.app[SETTINGS].cors_allow_origin
        return server
