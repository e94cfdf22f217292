"""The database goes away in every way that it can, and comes back."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

import psutil
import psycopg

from stack.postgrest import AUTHENTICATOR
from tests.faults.faults import Fault
from tests.faults.site import Site
from tests.support.long import LONG, long
from tests.support.waiting import wait_until

Breaks = Callable[..., AbstractContextManager[Fault]]

CUT = "select pg_terminate_backend(a.pid) from pg_stat_activity as a where a.usename = 'session_events_authenticator'"


@long
def test_stopped(place: Site, breaks: Breaks) -> None:
    """Without the database polls should be refused, and be answered as soon as it is there."""
    with breaks("PostgreSQL", "stopped") as fault:
        place.server.stop()
        fault.lasts(10)
        place.server.start()
        fault.is_back()


def test_crashed(place: Site, breaks: Breaks) -> None:
    """A crash of the whole server should be no more than that."""
    with breaks("PostgreSQL", "crashed (`kill -9`)") as fault:
        place.server.kill()
        fault.wait_for(503)
        place.server.start()
        fault.is_back()


@long
def test_backend_crashed(place: Site, breaks: Breaks) -> None:
    """A crash of one process of the server, after which it recovers by itself, should be no more either."""
    with breaks("PostgreSQL", "a process of it crashed (`kill -9`)") as fault, place.connect() as connection:
        before = connection.execute("select pg_postmaster_start_time()").fetchone()
        os.kill(connection.info.backend_pid, signal.SIGKILL)
        wait_until(place.connects, "it takes connections")
        fault.is_back()
        with place.connect() as after:
            assert after.execute("select pg_postmaster_start_time()").fetchone() == before


@long
def test_restarted(place: Site, breaks: Breaks) -> None:
    """A restart should cost no more than it takes."""
    with breaks("PostgreSQL", "restarted") as fault:
        place.server.restart()
        fault.is_back()


def test_paused(place: Site, breaks: Breaks) -> None:
    """A database that stands still should be a 503 or a 504 in time, and be waited for."""
    with breaks("PostgreSQL", "paused (`SIGSTOP`)") as fault:
        with _paused(place):
            fault.wait_for(503, 504)
            fault.lasts(60 if LONG else 1)
        fault.is_back()


@contextmanager
def _paused(place: Site) -> Iterator[None]:
    server = psutil.Process(place.server.pid)
    processes = [server, *server.children()]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            process.resume()


@long
def test_connections_cut(place: Site, breaks: Breaks) -> None:
    """Connections that somebody cuts should be made anew at once."""
    with breaks("PostgreSQL", "connections cut, 5 times") as fault, place.connect() as connection:
        for _ in range(5):
            connection.execute(CUT)
            fault.lasts(0.5)
        fault.is_back()


@long
def test_connections_used_up(place: Site, breaks: Breaks) -> None:
    """Where others have taken all connections polls should be refused, and be answered once there is one."""
    with (
        breaks("PostgreSQL", "`max_connections` used up") as fault,
        ExitStack() as taken,
        place.connect() as connection,
    ):
        login = place.commands.directory / "authenticator.password"
        uri = place.server.dsn("testboost", user=AUTHENTICATOR, password=login.read_text(), tcp=True)
        connection.execute(CUT)
        while True:
            try:
                taken.enter_context(psycopg.connect(uri))
            except psycopg.OperationalError:
                break
        fault.wait_for(503)
        fault.lasts(5)
        taken.close()
        fault.is_back()


@long
def test_read_only(place: Site, breaks: Breaks) -> None:
    """A database that takes no writes should answer every poll."""
    with breaks("PostgreSQL", "read-only") as fault, place.connect() as connection:
        connection.execute("alter system set default_transaction_read_only = on")
        connection.execute("select pg_reload_conf()")
        try:
            wait_until(lambda: fault.watch.writer.failures, "the writer is refused")
            fault.lasts(2)
        finally:
            connection.execute("set default_transaction_read_only = off")
            connection.execute("alter system reset default_transaction_read_only")
            connection.execute("select pg_reload_conf()")
        fault.is_back()


def test_locked(place: Site, breaks: Breaks) -> None:
    """A table that a migration keeps locked should be a 503 or a 504 in time."""
    with breaks("PostgreSQL", "a table locked by DDL") as fault, psycopg.connect(place.database_url) as connection:
        connection.execute("lock table public.events in access exclusive mode")
        fault.wait_for(503, 504)
        fault.lasts(60 if LONG else 1)
        connection.rollback()
        fault.is_back()
