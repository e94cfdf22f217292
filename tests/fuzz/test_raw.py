"""Requests as Hypothesis makes them up: bytes, query strings, headers, tokens."""

import json
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from proxy.query import ALLOWED
from tests.fuzz.conftest import FUZZ, Target
from tests.fuzz.sending import END, send
from tests.fuzz.strategies import METHODS, VALUES, flipped, headers, paths, queries, tokens


def request(path: bytes, *lines: bytes, method: bytes = b"GET") -> bytes:
    """A whole request."""
    head = [method + b" " + path + b" HTTP/1.1", b"Host: localhost", b"Connection: close", *lines]
    return b"\r\n".join([*head, b"", b""])


def events(target: Target, query: bytes = b"") -> bytes:
    """The path of the session's events, with a query."""
    return f"/api/v2/sessions/{target.session_id}/events?".encode() + query


@FUZZ
@given(data=st.data())
def test_bytes(target: Target, data: st.DataObject) -> None:
    """A request with bytes changed, put in or taken out should be answered or refused in the shape of errors."""
    valid = request(events(target, f"limit=5&cursor={target.cursor}".encode()), b'If-None-Match: W/"x"')
    send(target.client.url, data.draw(flipped(valid)) + END)


@FUZZ
@given(data=st.data())
def test_noise(target: Target, data: st.DataObject) -> None:
    """So should bytes that never were a request."""
    send(target.client.url, data.draw(st.binary(max_size=200)) + END)


@FUZZ
@given(data=st.data())
def test_queries(target: Target, data: st.DataObject) -> None:
    """So should any query at any path, with any method."""
    method = data.draw(st.one_of(st.just("GET"), METHODS)).encode()
    path = data.draw(paths(target))
    send(target.client.url, request(path + b"?" + data.draw(queries(target)), method=method))


def test_values(target: Target) -> None:
    """So should each parameter by itself with each of the values that are right or nearly right for some parameter."""
    for name in ALLOWED:
        for value in VALUES:
            query = urlencode({name: value}, errors="replace").encode()
            send(target.client.url, request(events(target, query)))


@FUZZ
@given(data=st.data())
def test_headers(target: Target, data: st.DataObject) -> None:
    """So should any headers beside a request that is right."""
    send(target.client.url, request(events(target, b"limit=3"), *data.draw(headers())))


@FUZZ
@given(data=st.data())
def test_tokens(target: Target, data: st.DataObject) -> None:
    """A cursor or a next should be followed as it was given out, and with any change be refused by its name."""
    parameter = data.draw(st.sampled_from(["cursor", "next"]))
    token = data.draw(tokens(target))
    query = parameter.encode() + b"=" + b"".join(b"%%%02X" % byte for byte in token)
    status, _, body = send(target.client.url, request(events(target, query)))
    if token.decode("latin-1") == getattr(target, parameter):
        assert status == 200
    else:
        assert status == 400
        assert [error["parameter"] for error in json.loads(body)["errors"]] == [parameter]
