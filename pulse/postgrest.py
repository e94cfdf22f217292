"""What PostgREST answers to a question in which its database has no share."""

import http.client
import socket
from pathlib import Path


def status(socket_path: Path, seconds: float) -> int | None:
    """The status of its answer on a unix socket, if there is one within `seconds`."""
    connection = http.client.HTTPConnection("localhost")
    with socket.socket(socket.AF_UNIX) as way:
        way.settimeout(seconds)
        connection.sock = way
        try:
            way.connect(str(socket_path))
            connection.request("GET", "/")
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
