"""API keys."""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Iterable
from pathlib import Path
from stat import S_ISREG

from aiohttp import web

from proxy.problems import Kind, Problem

logger = logging.getLogger(__name__)

# Who guesses, or asks again and again with a key that was taken away, has to wait; so many in a process, since each
# that waits is kept in memory. Nobody with a right key waits for them.
_SECONDS_UNTIL_REFUSED = 0.5
_MOST_REFUSED_AT_ONCE = 500
# Inode, time of change, size: another after every write, and for every file put in its place.
_State = tuple[int, int, int]


class KeysError(ValueError):
    """A file is none with keys; the message says why, and nothing of what is in it."""


def keys_in(file: Path) -> list[str]:
    """The keys in a file, one a line.

    Raises:
        KeysError: it cannot be read, or holds no key.
    """
    try:
        # A pipe could be read for ever, and only once.
        if not S_ISREG(file.stat().st_mode):
            raise KeysError("which is no file")
        keys = keys_of(file.read_text(encoding="utf-8").splitlines())
    except OSError as error:
        raise KeysError(f"which cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise KeysError("which cannot be read: it is no UTF-8") from None
    # Where nobody has a key everybody may read: nothing that an empty file may bring about.
    if not keys:
        raise KeysError("which holds no key")
    return keys


def keys_of(texts: list[str]) -> list[str]:
    """The keys among texts, without blanks around them."""
    return [text.strip() for text in texts if text.strip()]


class Access:
    """Who may read: everyone where no key is configured, else whoever sends one of the keys.

    Those in `file` are read again whenever it changes; where that fails, the ones of before stay.
    """

    def __init__(self, keys: tuple[str, ...], file: Path | None) -> None:
        self._own = _digests(keys)
        self._file = file
        self._filed: list[bytes] = []
        self._state: _State | None = None
        self._failure = ""
        self._refusing = 0
        if file is not None:
            self._read(file)

    async def check(self, request: web.Request, *, bearer: bool = False) -> None:
        """Lets the request pass; where `bearer`, the key may also come as Prometheus sends one.

        A wrong key is refused after a while, a missing one at once: that is how a page finds out that it needs one.

        Raises:
            Problem: unauthorized.
        """
        if self._file is not None:
            self._read(self._file)
        elif not self._own:
            return
        key = request.headers.get("X-API-Key", "")
        if bearer and not key:
            scheme, _, token = request.headers.get("Authorization", "").partition(" ")
            key = token if scheme.lower() == "bearer" else ""
        sent = _digest(key)
        # Every key is compared, each in constant time, so that the time tells nothing.
        if not sum(hmac.compare_digest(sent, digest) for digest in (*self._own, *self._filed)):
            if key and self._refusing < _MOST_REFUSED_AT_ONCE:
                await self._wait()
            raise Problem(Kind.UNAUTHORIZED, headers={"WWW-Authenticate": 'ApiKey realm="session-events"'})

    async def _wait(self) -> None:
        self._refusing += 1
        try:
            await asyncio.sleep(_SECONDS_UNTIL_REFUSED)
        finally:
            self._refusing -= 1

    def _read(self, file: Path) -> None:
        """Reads the file if it is not as it was; says once why it cannot, since requests come by the thousand."""
        failure = ""
        try:
            state = _state(file)
            if state != self._state:
                self._filed = _digests(keys_in(file))
                self._state = state
                logger.info("API_KEYS_FILE is read; keys in it: %s", len(self._filed))
        except KeysError as error:
            failure = str(error)
            if failure != self._failure:
                logger.error("API_KEYS_FILE is %r, %s; the keys of before stay", str(file), failure)
        self._failure = failure


def _state(file: Path) -> _State:
    try:
        found = file.stat()
    except OSError as error:
        raise KeysError(f"which cannot be read: {error.strerror}") from None
    return found.st_ino, found.st_ctime_ns, found.st_size


def _digests(keys: Iterable[str]) -> list[bytes]:
    return [_digest(key) for key in dict.fromkeys(keys)]


def _digest(key: str) -> bytes:
    """Of one length, whatever is sent."""
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).digest()
