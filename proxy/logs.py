"""How lines are logged: as text where somebody looks on, else as JSON, a line each."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from proxy.request_id import RequestIds


def set_up() -> None:
    """Logs to standard error, each line with the id of the request that it is about."""
    handler = logging.StreamHandler()
    handler.addFilter(RequestIds())
    handler.setFormatter(_Text() if sys.stderr.isatty() else _Json())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


class _Text(logging.Formatter):
    """A line to read."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s [%(request_id)s]: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  its name in logging
        """The line, with what else there is to tell at its end."""
        return " ".join(
            [super().formatMessage(record), *(f"{name}={value}" for name, value in _fields(record).items())]
        )


class _Json(logging.Formatter):
    """An object of JSON, whatever is in the message."""

    def format(self, record: logging.LogRecord) -> str:
        """The whole record."""
        members = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request_id": record.__dict__["request_id"],
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            members["exception"] = self.formatException(record.exc_info)
        return json.dumps(members, ensure_ascii=False)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What was logged beside the message, with `extra={"fields": …}`."""
    fields: dict[str, Any] = record.__dict__.get("fields", {})
    return fields
