"""What the parts say over HTTP of themselves."""

import http.client
import urllib.error
import urllib.request

_DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # http_proxy is not for our own machine
_PATIENCE = 3.0


def status_of(url: str) -> int | None:
    """The status of the answer; None where nobody answers."""
    try:
        with _DIRECTLY.open(url, timeout=_PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except (OSError, http.client.HTTPException):
        return None
