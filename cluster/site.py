"""Where everything is: a loopback address for each node, and ports that are the same on all of them, as on machines."""

import errno
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path

from stack.errors import StackError

_FRONT = "127.0.0.1"
_ATTEMPTS = 50
_PORTS = range(20000, 32000)  # below those that the kernel gives to outgoing connections


@dataclass(frozen=True)
class Ports:
    """What listens on every node, and on the address of HAProxy the two that clients know."""

    postgres: int
    patroni: int
    proxy: int
    etcd: int
    etcd_peer: int
    polls: int
    writers: int


@dataclass(frozen=True)
class Site:
    """A cluster's addresses, directory and passwords; `directory` has the logs, `data` all that PostgreSQL writes."""

    directory: Path
    data: Path
    ports: Ports
    superuser_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    replication_password: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    # As many as deploy/haproxy/haproxy.cfg lists; each has etcd, PostgreSQL, PostgREST and a proxy.
    nodes = ("node1", "node2", "node3")
    front = _FRONT

    def address(self, node: str) -> str:
        """The node's own loopback address."""
        return f"127.0.0.{2 + self.nodes.index(node)}"

    def data_of(self, node: str) -> Path:
        """PostgreSQL's data directory on a node."""
        return self.data / node

    def rest(self, node: str, path: str) -> str:
        """A URL of Patroni's REST API."""
        return f"http://{self.address(node)}:{self.ports.patroni}/{path}"


def free_ports() -> Ports:
    """Ports that nobody listened on a moment ago, on any of the addresses; StackError where none can be had."""
    addresses = [_FRONT, *(f"127.0.0.{2 + number}" for number in range(len(Site.nodes)))]
    found: list[int] = []
    for _ in range(_ATTEMPTS):
        port = secrets.choice(_PORTS)
        if port not in found and all(_is_free(address, port) for address in addresses):
            found.append(port)
        if len(found) == len(Ports.__dataclass_fields__):
            return Ports(*found)
    raise StackError(f"no free ports among {_PORTS.start} to {_PORTS.stop} on {', '.join(addresses)}")


def _is_free(address: str, port: int) -> bool:
    try:
        socket.create_server((address, port)).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return False
        raise StackError(
            f"{address} cannot be used ({error.strerror}): the nodes need 127.0.0.1 to 127.0.0.4"
        ) from None
    return True
