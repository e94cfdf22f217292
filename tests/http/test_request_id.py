"""X-Request-ID: taken from the request where it is sane, else made."""

import json
import re
from uuid import UUID

import pytest

from tests.support.client import Client, assert_problem

from . import wire
from .parts import own_proxy

MADE = re.compile(r"[0-9a-f]{32}")


@pytest.mark.parametrize("request_id", ["a", "abc-123_x.y", "6a62c401-d06d-400f-aa29-d2d38020e82d", "A" * 128])
def test_taken(client: Client, session_id: UUID, request_id: str) -> None:
    """A sane one should come back, on success and in errors."""
    headers = {"X-Request-ID": request_id}
    assert client.get(session_id, headers=headers).headers["X-Request-ID"] == request_id
    assert assert_problem(client.get("nonsense", headers=headers), 400, "session_id")["request_id"] == request_id


def test_made(client: Client, session_id: UUID) -> None:
    """Without one each answer should get its own."""
    made = {client.get(session_id).headers["X-Request-ID"] for _ in range(3)}
    assert len(made) == 3
    assert all(MADE.fullmatch(request_id) for request_id in made)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b" ",
        b"a b",
        b"a" * 129,
        b"a\tb",
        b"a;b",
        b"<script>",
        b'a"b',
        b"\xc3\xa9",
        b"\xff",
        b"a,b",
        b"%0d%0aSet-Cookie:x",
        b"\\r\\nX: y",
    ],
    ids=repr,
)
def test_not_taken(client: Client, session_id: UUID, sent: bytes) -> None:
    """Anything else should not be echoed anywhere, but replaced by one of ours."""
    path = f"/api/v2/sessions/{session_id}/events".encode()
    response = wire.get(client.url, path, b"X-Request-ID: " + sent)
    assert response.status_code == 200
    assert MADE.fullmatch(response.headers["X-Request-ID"])


@pytest.mark.parametrize("sent", [b"a\rX-Evil: 1", b"a\nX-Evil: 1", b"a\r\n X-Evil: 1", b"a\x00X-Evil: 1"], ids=repr)
def test_header_injection(client: Client, session_id: UUID, sent: bytes) -> None:
    """A line break in it should never become a header of the answer."""
    path = f"/api/v2/sessions/{session_id}/events".encode()
    response = wire.get(client.url, path, b"X-Request-ID: " + sent)
    assert response.status_code < 500
    assert "X-Evil" not in response.headers


def test_in_every_answer(client: Client, session_id: UUID) -> None:
    """Every kind of answer should have one, the documents and the refusals too."""
    url = client.events_url(session_id)
    answers = [
        client.session.get(f"{client.url}/health", timeout=60),
        client.session.get(f"{client.url}/nowhere", timeout=60),
        client.session.options(url, timeout=60),
        client.session.post(url, timeout=60),
        client.get(session_id, headers={"If-None-Match": "*"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 404, 204, 405, 304]
    assert all(answer.headers["X-Request-ID"] for answer in answers)


def test_in_the_log(session_id: UUID) -> None:
    """Every line that is logged about a request should have its id, so that a failure that was reported is found."""
    with own_proxy("unix:///nowhere/postgrest.sock") as proxy:
        headers = [{"X-Request-ID": f"reported-{number}"} for number in range(3)]
        for each in headers:
            assert_problem(proxy.client.get(session_id, headers=each), 503)
        lines = [line for line in proxy.process.log_path.read_text().splitlines() if line.startswith("{")]
    assert [json.loads(line)["request_id"] for line in lines] == [each["X-Request-ID"] for each in headers]
