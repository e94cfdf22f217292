"""The application: what answers where."""

from collections.abc import AsyncIterator
from functools import partial

from aiohttp import web

from proxy import events, health, metrics, site
from proxy.access import Access
from proxy.cors import Cors
from proxy.envelope import CORS, add_headers, problems_middleware
from proxy.events import Events
from proxy.health import Health
from proxy.hosts import HOSTS, Hosts
from proxy.metrics import Exposition, Metrics
from proxy.observer import OBSERVER, Observer
from proxy.polls import Polls
from proxy.postgrest import PostgREST
from proxy.sending import UNREAD, Unread
from proxy.settings import Settings
from proxy.shortcut import SHORTCUT, Shortcut

# Of PostgREST's pool: however busy it is with polls that go alone, the health check and a shared call find a free one.
_FOR_HEALTH = _SHARED = 1


def create_app(settings: Settings, counted: Metrics) -> web.Application:
    """The proxy as an aiohttp application; nothing is opened before it starts."""
    observer = Observer(counted, settings.access_log)
    app = web.Application(middlewares=[observer.middleware, problems_middleware])
    app[OBSERVER] = observer
    app[CORS] = Cors(settings.cors_allow_origins)
    app[HOSTS] = Hosts(settings.hosts)
    app[UNREAD] = Unread()
    app.on_response_prepare.append(add_headers)
    connections = settings.db_pool // settings.workers
    postgrest = PostgREST(
        settings.postgrest_url, counted, connections=connections, max_response_bytes=settings.max_response_bytes
    )
    app.cleanup_ctx.append(partial(_connected, postgrest))

    # More calls at once would only wait for a connection of the pool.
    places = connections - _FOR_HEALTH - _SHARED
    ready = Health(postgrest)
    polls = Polls(
        postgrest,
        counted,
        places=places,
        most=settings.polls_per_call,
        request_timeout=settings.request_timeout,
    )
    access = Access(settings.api_keys, settings.api_keys_file)
    answers = Events(polls, access)
    route = app.router.add_get(events.PATH, answers.get, expect_handler=_no_expectation)
    app[SHORTCUT] = Shortcut(app, route, observer, answers.get, base_path=settings.base_path)
    app.router.add_options(events.PATH, answers.options, expect_handler=_no_expectation)
    app.router.add_get(health.LIVE, health.live, expect_handler=_no_expectation)
    for path in health.READY:
        app.router.add_get(path, ready.get, expect_handler=_no_expectation)
    app.router.add_get(metrics.PATH, Exposition(counted, access).get, expect_handler=_no_expectation)
    site.add_routes(app, settings.base_path)
    if settings.base_path:
        _add_below(app, settings.base_path)
    return app


def _add_below(app: web.Application, base_path: str) -> None:
    """Answers everything below a path too, for a server in front that hands on what begins with it."""
    for route in list(app.router.routes()):
        if route.resource is not None:
            path = base_path + route.resource.canonical
            app.router.add_route(route.method, path, route.handler, expect_handler=_no_expectation)


async def _connected(postgrest: PostgREST, _app: web.Application) -> AsyncIterator[None]:
    yield
    postgrest.close()


async def _no_expectation(_request: web.Request) -> None:
    """Nothing that we answer waits for a body, so that no Expect needs an answer of its own."""
