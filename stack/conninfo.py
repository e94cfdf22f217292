"""libpq connection strings, taken apart and put together."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from stack.errors import StackError


def parameters(conninfo: str) -> dict[str, str]:
    """The parameters of a URI or key=value string; if it is neither, a StackError that does not quote it."""
    try:
        return {key: str(value) for key, value in conninfo_to_dict(conninfo).items() if value is not None}
    except psycopg.ProgrammingError:
        raise StackError(
            "not a PostgreSQL connection string: expected postgresql://user:password@host:port/name"
        ) from None


def uri(values: Mapping[str, str]) -> str:
    """The URI for libpq parameters; TCP hosts go before the path, everything that has no place there into the query."""
    rest = dict(values)
    user, password, dbname = (quote(rest.pop(key, ""), safe="") for key in ("user", "password", "dbname"))
    login = user + (f":{password}" if password else "")
    address = ""
    if "/" not in rest.get("host", "/") and not {",", ":"} & set(rest.get("host", "") + rest.get("port", "")):
        port = rest.pop("port", "")
        address = quote(rest.pop("host"), safe="") + (f":{port}" if port else "")
    query = f"?{urlencode(rest, quote_via=quote)}" if rest else ""
    return f"postgresql://{f'{login}@' if login else ''}{address}/{dbname}{query}"


def environment(conninfo: str) -> dict[str, str]:
    """The PG* variables that make any libpq program connect there, so that no password stands in an argument list."""
    names = {
        option.keyword.decode(): option.envvar.decode()
        for option in Conninfo.get_defaults()
        if option.envvar is not None
    }
    return {names[key]: value for key, value in parameters(conninfo).items() if key in names}
