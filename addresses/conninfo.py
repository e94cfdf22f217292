"""libpq connection strings, taken apart and put together."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo


class ConninfoError(ValueError):
    """Not a connection string; the message does not quote it, because a password may stand in it."""


def parameters(conninfo: str) -> dict[str, str]:
    """Returns the parameters of a URI or key=value string; raises ConninfoError if it is neither."""
    try:
        return {key: str(value) for key, value in conninfo_to_dict(conninfo).items() if value is not None}
    except psycopg.ProgrammingError:
        raise ConninfoError(
            "not a PostgreSQL connection string: expected postgresql://user:password@host:port/name"
        ) from None


def uri(values: Mapping[str, str]) -> str:
    """Returns the URI for libpq parameters: TCP hosts before the path, what has no place there in the query."""
    rest = dict(values)
    user, password, dbname = (quote(rest.pop(key, ""), safe="") for key in ("user", "password", "dbname"))
    login = user + (f":{password}" if password else "")
    address = ""
    if "/" not in rest.get("host", "/") and not {",", ":"} & set(rest.get("host", "") + rest.get("port", "")):
        port = rest.pop("port", "")
        address = quote(rest.pop("host"), safe="") + (f":{port}" if port else "")
    query = f"?{urlencode(rest, quote_via=quote)}" if rest else ""
    return f"postgresql://{f'{login}@' if login else ''}{address}/{dbname}{query}"


def without_password(text: str) -> str:
    """Returns a URI as it may be printed; any other text as it is."""
    if not text.startswith("postgresql://"):
        return text
    values = parameters(text)
    return uri({**values, "password": "..."} if "password" in values else values)


def environment(conninfo: str) -> dict[str, str]:
    """Returns the PG* variables that lead any libpq program there, so that no password stands in an argument list."""
    names = {
        option.keyword.decode(): option.envvar.decode()
        for option in Conninfo.get_defaults()
        if option.envvar is not None
    }
    return {names[key]: value for key, value in parameters(conninfo).items() if key in names}
