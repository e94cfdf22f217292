"""The check that holds every answer to the document notices what is wrong with one."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import requests

from tests.support.client import Client
from tests.support.openapi import check
from tests.support.rows import add_events, add_session, spread


def _status(response: requests.Response) -> None:
    response.status_code = 418


def _defect(response: requests.Response) -> None:
    response.status_code = 500


def _more_headers(response: requests.Response) -> None:
    response.headers["X-Powered-By"] = "magic"


def _fewer_headers(response: requests.Response) -> None:
    del response.headers["X-Poll-Interval"]


def _other_value_of_a_header(response: requests.Response) -> None:
    response.headers["X-Poll-Interval"] = "soon"


def _content_type(response: requests.Response) -> None:
    response.headers["Content-Type"] = "text/html"


def _fewer_members(response: requests.Response) -> None:
    _replace(response, '"returned":', '"given":')


def _other_type_of_a_member(response: requests.Response) -> None:
    _replace(response, '"has_prev":false', '"has_prev":null')


def _other_format_of_a_member(response: requests.Response) -> None:
    _replace(response, "14:30:00.000000Z", "14:30:00Z")


def _other_method(response: requests.Response) -> None:
    response.request.method = "HEAD"


def _other_path(response: requests.Response) -> None:
    response.request.url = str(response.request.url).replace("/events", "")


def _replace(response: requests.Response, old: str, new: str) -> None:
    assert old in response.text
    response._content = response.text.replace(old, new).encode()  # noqa: SLF001 - an answer cannot be changed otherwise


@pytest.mark.parametrize(
    "spoil",
    [
        _status,
        _defect,
        _more_headers,
        _fewer_headers,
        _other_value_of_a_header,
        _content_type,
        _fewer_members,
        _other_type_of_a_member,
        _other_format_of_a_member,
        _other_method,
        _other_path,
    ],
)
def test_spoiled_answer_is_noticed(
    spoil: Callable[[requests.Response], None], client: Client, writer: psycopg.Connection[Any]
) -> None:
    """An answer that differs from the document in one thing should fail, and pass before."""
    session_id = add_session(writer)
    add_events(writer, session_id, spread(1))
    response = client.get(session_id)
    check(response)
    spoil(response)
    with pytest.raises(AssertionError):
        check(response)
