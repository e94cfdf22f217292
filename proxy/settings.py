"""What an operator may set, read once from the environment; of the file with the keys only where it is."""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from proxy.access import KeysError, keys_in, keys_of

# A connection each for the health check, for the polls that share a call, and for one that does not.
_LEAST_POOL = 3
_BASE_PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")
# As browsers write them, in small letters and without a port that their scheme has by itself.
_ORIGIN = re.compile(
    r"(?!http://.*:80$|https://.*:443$)[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?", re.ASCII
)
# A unix socket's path has no more bytes.
_LONGEST_SOCKET = 107
_PATH = re.compile(r"[!-~]*")
# Python reads these as numbers, nobody else does: 80_80, and digits of other scripts.
_PYTHONS_OWN = re.compile(r"[^!-~]|_")
_NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.ASCII | re.IGNORECASE)


class SettingsError(ValueError):
    """A setting is wrong; the message names the variable and what it may be."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One frozen object; sizes in bytes, times in seconds."""

    postgrest_url: str
    host: str = "127.0.0.1"
    port: int = 8000
    base_path: str = ""
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    api_keys_file: Path | None = None
    max_response_bytes: int = 128 * 1024 * 1024
    request_timeout: float = 15.0
    db_pool: int = 10
    polls_per_call: int = 64
    workers: int = 1
    access_log: float = 0.0
    allowed_hosts: tuple[str, ...] = ()
    cors_allow_origins: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.db_pool < _LEAST_POOL * self.workers:
            raise SettingsError(
                f"PROXY_WORKERS is {self.workers}, and each needs {_LEAST_POOL} connections of PostgREST's pool: set "
                f"PGRST_DB_POOL (for PostgREST too) to at least {_LEAST_POOL * self.workers}"
            )
        if not self.keyed and not _is_loopback(self.host):
            raise SettingsError(
                f"PROXY_HOST is {self.host}, but without API keys the proxy serves loopback only: "
                "set API_KEYS (comma-separated) or API_KEYS_FILE (one key a line), or PROXY_HOST=127.0.0.1"
            )
        if not self.host:
            raise SettingsError("PROXY_HOST is empty; it must be an address to listen on, such as 127.0.0.1 or 0.0.0.0")

    @property
    def keyed(self) -> bool:
        """Whether only those with a key may read."""
        return bool(self.api_keys) or self.api_keys_file is not None

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names to answer to: where a key is asked for, no page of another site has it, and any name will do."""
        return self.allowed_hosts or (("*",) if self.keyed else ())


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from environment variables.

    Raises:
        SettingsError: a value is missing or wrong.
    """
    return Settings(
        postgrest_url=_postgrest_url(environment),
        host=environment.get("PROXY_HOST", Settings.host),
        port=int(_number(environment, "PROXY_PORT", Settings.port, 0, 65535)),
        base_path=_base_path(environment),
        api_keys=_api_keys(environment),
        api_keys_file=_api_keys_file(environment),
        max_response_bytes=int(_number(environment, "MAX_RESPONSE_BYTES", Settings.max_response_bytes, 1, 10**9)),
        request_timeout=_number(environment, "REQUEST_TIMEOUT", Settings.request_timeout, 0.1, 3600),
        # PostgREST's own variable, so that one setting is for both.
        db_pool=int(_number(environment, "PGRST_DB_POOL", Settings.db_pool, _LEAST_POOL, 1000)),
        polls_per_call=int(_number(environment, "POLLS_PER_CALL", Settings.polls_per_call, 1, 1000)),
        workers=int(_number(environment, "PROXY_WORKERS", Settings.workers, 1, 64)),
        access_log=_number(environment, "PROXY_ACCESS_LOG", Settings.access_log, 0, 1),
        allowed_hosts=_allowed_hosts(environment),
        cors_allow_origins=_origins(environment),
    )


def _postgrest_url(environment: Mapping[str, str]) -> str:
    url = environment.get("POSTGREST_URL", "")
    parts = _split(url)
    if (_is_socket(parts) or _is_server(parts)) and not parts.query and not parts.fragment:
        return url.rstrip("/")
    raise SettingsError(
        f"POSTGREST_URL is {url!r}; it must be unix:///path/of/the.sock, with a path of at most {_LONGEST_SOCKET} "
        "bytes, or http://host:port"
    )


def _is_socket(parts: SplitResult) -> bool:
    # What stands after two slashes only is no directory.
    return parts.scheme == "unix" and not parts.netloc and 0 < len(os.fsencode(parts.path)) <= _LONGEST_SOCKET


def _is_server(parts: SplitResult) -> bool:
    has_address = parts.hostname is not None and parts.port != 0
    return parts.scheme in {"http", "https"} and has_address and _PATH.fullmatch(parts.path) is not None


def _base_path(environment: Mapping[str, str]) -> str:
    text = environment.get("PROXY_BASE_PATH", Settings.base_path)
    path = text.rstrip("/")
    if _BASE_PATH.fullmatch(path) and not {".", ".."} & set(path.split("/")):
        return path
    raise SettingsError(f"PROXY_BASE_PATH is {text!r}; it must be a path such as /session-events, or empty")


def _split(url: str) -> SplitResult:
    """The parts of a URL; of what is none, or has no port where one should be, the parts of an empty one."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  it is read only here
    except ValueError:
        return urlsplit("")
    return parts


def _number(environment: Mapping[str, str], name: str, default: float, least: float, most: float) -> float:
    text = environment.get(name)
    if text is None:
        return default
    number = _read_number(text, whole=isinstance(default, int))
    if number is None or not least <= number <= most:
        raise SettingsError(f"{name} is {text!r}; it must be a number from {least:g} to {most:g}")
    return number


def _read_number(text: str, *, whole: bool) -> float | None:
    if _PYTHONS_OWN.search(text):
        return None
    try:
        return int(text) if whole else float(text)
    except ValueError:
        return None


def _api_keys(environment: Mapping[str, str]) -> tuple[str, ...]:
    text = environment.get("API_KEYS", "")
    keys = tuple(keys_of(text.split(",")))
    if text and not keys:
        raise SettingsError(f"API_KEYS is {text!r}; it must be keys with commas between, or empty")
    return keys


def _api_keys_file(environment: Mapping[str, str]) -> Path | None:
    name = environment.get("API_KEYS_FILE")
    if not name:
        return None
    try:
        keys_in(Path(name))
    except KeysError as error:
        raise SettingsError(f"API_KEYS_FILE is {name!r}, {error}") from None
    return Path(name)


def _allowed_hosts(environment: Mapping[str, str]) -> tuple[str, ...]:
    text = environment.get("PROXY_ALLOWED_HOSTS", "")
    names = _listed(text)
    if all(_NAME.fullmatch(name) for name in names) or names == ("*",):
        return names
    raise SettingsError(
        f"PROXY_ALLOWED_HOSTS is {text!r}; it must be * or names without ports, with commas between, such as "
        "events.example"
    )


def _origins(environment: Mapping[str, str]) -> tuple[str, ...]:
    text = environment.get("CORS_ALLOW_ORIGINS", "")
    origins = _listed(text)
    # A browser compares as text: a path, or a slash at the end, would never be what it sends.
    if all(_ORIGIN.fullmatch(origin) for origin in origins) or origins == ("*",):
        return origins
    raise SettingsError(
        f"CORS_ALLOW_ORIGINS is {text!r}; it must be * or origins with commas between, such as https://ui.example:8443"
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
