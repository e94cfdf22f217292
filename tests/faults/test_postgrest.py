"""PostgREST goes away, stands still, comes late, or does not know the functions yet."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import psycopg

from stack.postgrest import answers
from tests.faults.faults import Fault
from tests.faults.site import Site
from tests.support.long import long
from tests.support.waiting import wait_until

Breaks = Callable[..., AbstractContextManager[Fault]]


def test_killed(place: Site, breaks: Breaks) -> None:
    """A PostgREST that is killed should be started again, and polls be answered at once."""
    with breaks("PostgREST", "killed") as fault:
        killed = place.process("postgrest")
        killed.kill()
        place.replaced("postgrest", killed)
        fault.is_back()


@long
def test_paused(place: Site, breaks: Breaks) -> None:
    """A PostgREST that stands still should be a 503 or a 504 in time, and polls be answered when it goes on."""
    with breaks("PostgREST", "paused (`SIGSTOP`)") as fault:
        process = place.process("postgrest")
        process.suspend()
        fault.wait_for(503, 504)
        process.resume()
        fault.is_back()
        assert place.process("postgrest") == process


@long
def test_paused_for_long(place: Site, breaks: Breaks) -> None:
    """A PostgREST that stands still for long should be replaced."""
    wait_until(lambda: place.commands("status").returncode == 0, "all is well")
    with breaks("PostgREST", "paused until it is replaced") as fault:
        process = place.process("postgrest")
        process.suspend()
        place.replaced("postgrest", process)
        fault.is_back()


@long
def test_slow_to_start(place: Site, breaks: Breaks) -> None:
    """While PostgREST takes its time to start, polls should be refused."""
    with breaks("PostgREST", "killed, slow to start") as fault, place.postgrest_that("sleep 6"):
        killed = place.process("postgrest")
        killed.kill()
        url = place.commands.environment()["POSTGREST_URL"]
        wait_until(lambda: place.process("postgrest") != killed and answers(url, 1), "it listens")
        fault.is_back()


@long
def test_before_the_database(place: Site, breaks: Breaks) -> None:
    """A PostgREST that is there before its database should serve as soon as that is there."""
    with breaks("PostgREST", "started before the database") as fault:
        place.server.stop()
        place.process_ended("postgrest")
        fault.lasts(20)
        place.server.start()
        fault.is_back()


@long
def test_schema_cache_missing(place: Site, breaks: Breaks) -> None:
    """A PostgREST that was started before the functions were deployed should serve them once it is told."""
    with breaks("PostgREST", "no functions in its schema cache") as fault, place.connect() as connection:
        connection.execute("alter function api.answer_polls rename to gone")
        try:
            place.process("postgrest").kill()
            fault.wait_for(503)
            fault.lasts(3)
        finally:
            connection.execute("alter function api.gone rename to answer_polls")
            connection.execute("notify pgrst, 'reload schema'")
        fault.is_back()


BROKEN = """
    create function api.answer_polls(p_polls text, p_way text, p_max_bytes bigint)
    returns api."application/octet-stream" language plpgsql as $$ begin raise division_by_zero; end $$;
    grant execute on function api.answer_polls to session_events_reader
"""


def _deploy(place: Site, fault: Fault, connection: psycopg.Connection[object], *statements: str) -> None:
    """Puts these in the function's place for a while; everybody is told 503, and the log why."""
    before = len(place.log("proxy"))
    connection.execute("alter function api.answer_polls rename to gone")
    try:
        for statement in statements:
            connection.execute(statement)
        fault.wait_for(503)
        said = place.log("proxy")[before:]
        assert '"level": "error"' in said
        assert "PostgREST answered" in said
        fault.lasts(1)
    finally:
        if statements:
            connection.execute("drop function api.answer_polls")
        connection.execute("alter function api.gone rename to answer_polls")
    fault.is_back()


def test_function_missing(place: Site, breaks: Breaks) -> None:
    """Without its function polls should be a 503, and never a missing session."""
    with breaks("A deploy", "has lost the function") as fault, place.connect() as connection:
        _deploy(place, fault, connection)


@long
def test_function_broken(place: Site, breaks: Breaks) -> None:
    """With a function that fails polls should be a 503, and never a missing session."""
    with breaks("A deploy", "has broken the function") as fault, place.connect() as connection:
        _deploy(place, fault, connection, BROKEN)
