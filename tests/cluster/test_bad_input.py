"""What keeps a cluster from starting: one line says what to do, and nothing is left running."""

import socket

import pytest

from cluster import whole
from cluster.site import Site, free_ports
from cluster.whole import cluster
from stack.datadir import private_directory
from stack.errors import StackError
from tests.cluster.conftest import logging_below
from tests.support.long import long


@pytest.mark.parametrize(
    "part",
    ["etcd", *(pytest.param(part, marks=long) for part in ("etcd_peer", "patroni", "postgres", "proxy", "polls"))],
)
def test_a_port_is_taken(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that somebody takes while the cluster starts should be named with what could not listen there."""
    ports = free_ports()
    monkeypatch.setattr(whole, "free_ports", lambda: ports)
    with private_directory() as directory:
        site = Site(directory / "cluster", directory, ports)
        host = site.front if part == "polls" else site.address("node2")
        with (
            socket.create_server((host, getattr(ports, part))),
            pytest.raises(StackError, match="somebody has taken a port meanwhile: start the cluster again") as refused,
            cluster(site.directory),
        ):
            pytest.fail("it started")
        assert "\n" not in str(refused.value)
        print(refused.value)
        assert not logging_below(directory)
