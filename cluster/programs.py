"""The programs that a cluster consists of beside ours: etcd, Patroni and HAProxy, each with its file from deploy/."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.site import Site
from stack.account import server_account
from stack.binaries import REPOSITORY, server_major, server_program
from stack.errors import StackError
from stack.health import status_of
from stack.process import Program, plain_environment, running

_DEPLOY = REPOSITORY / "deploy"
_PACKAGES = {"etcd": "etcd-server", "patroni": "patroni", "haproxy": "haproxy"}
_SUPERUSER = "postgres"


@contextmanager
def etcd(site: Site, node: str) -> Iterator[Program]:
    """A node's etcd; it can answer once most of them run."""
    address, ports = site.address(node), site.ports
    client, peer = f"http://{address}:{ports.etcd}", f"http://{address}:{ports.etcd_peer}"
    peers = ",".join(f"{name}=http://{site.address(name)}:{ports.etcd_peer}" for name in site.nodes)
    environment = {
        **plain_environment(),
        "ETCD_NAME": node,
        "ETCD_ENABLE_V2": "true",
        "ETCD_DATA_DIR": str(site.data / f"{node}.etcd"),
        "ETCD_LISTEN_CLIENT_URLS": client,
        "ETCD_ADVERTISE_CLIENT_URLS": client,
        "ETCD_LISTEN_PEER_URLS": peer,
        "ETCD_INITIAL_ADVERTISE_PEER_URLS": peer,
        "ETCD_INITIAL_CLUSTER": peers,
        "ETCD_INITIAL_CLUSTER_TOKEN": site.data.name,
    }
    log = site.directory / f"{node}-etcd.log"
    with running([_program("etcd")], env=environment, log=log, ready=lambda: True) as program:
        yield program


@contextmanager
def patroni(site: Site, node: str) -> Iterator[Program]:
    """A node's Patroni, which makes and runs the node's PostgreSQL; ready as soon as it answers."""
    address, ports = site.address(node), site.ports
    environment = {
        **plain_environment(),
        "PATRONI_NAME": node,
        "PATRONI_POSTGRESQL_LISTEN": f"{address}:{ports.postgres}",
        "PATRONI_POSTGRESQL_CONNECT_ADDRESS": f"{address}:{ports.postgres}",
        "PATRONI_POSTGRESQL_DATA_DIR": str(site.data_of(node)),
        "PATRONI_POSTGRESQL_BIN_DIR": str(server_program("postgres", server_major()).parent),
        "PATRONI_POSTGRESQL_PGPASS": str(site.data / f"{node}.pgpass"),
        "PATRONI_RESTAPI_LISTEN": f"{address}:{ports.patroni}",
        "PATRONI_RESTAPI_CONNECT_ADDRESS": f"{address}:{ports.patroni}",
        "PATRONI_ETCD_HOSTS": ",".join(f"{site.address(name)}:{ports.etcd}" for name in site.nodes),
        "PATRONI_SUPERUSER_USERNAME": _SUPERUSER,
        "PATRONI_SUPERUSER_PASSWORD": site.superuser_password,
        "PATRONI_REPLICATION_USERNAME": "replicator",
        "PATRONI_REPLICATION_PASSWORD": site.replication_password,
    }
    # Its account need not be able to enter this repository, where a process of Patroni's would go back to.
    configuration = site.data / "patroni.yml"
    shutil.copyfile(_DEPLOY / "patroni" / "patroni.yml", configuration)
    command: list[str | Path] = ["env", f"--chdir={site.data}", *_as_server(), _program("patroni"), configuration]
    log = site.directory / f"{node}-patroni.log"
    with running(
        command, env=environment, log=log, ready=lambda: status_of(site.rest(node, "liveness")) is not None
    ) as program:
        yield program


@contextmanager
def haproxy(site: Site) -> Iterator[Program]:
    """HAProxy before all nodes; those that do not run yet are found by its checks when they do."""
    ports = site.ports
    environment = {
        **plain_environment(),
        "ERRORS": str(_DEPLOY / "haproxy"),
        "POLLS": f"{site.front}:{ports.polls}",
        "WRITERS": f"{site.front}:{ports.writers}",
        **{node.upper(): site.address(node) for node in site.nodes},
        "PROXY_PORT": str(ports.proxy),
        "POSTGRES_PORT": str(ports.postgres),
        "PATRONI_PORT": str(ports.patroni),
    }
    command: list[str | Path] = [_program("haproxy"), "-db", "-f", _DEPLOY / "haproxy" / "haproxy.cfg"]
    url = f"http://{site.front}:{ports.polls}/live"
    log = site.directory / "haproxy.log"
    with running(command, env=environment, log=log, ready=lambda: status_of(url) is not None) as program:
        yield program


def check_programs() -> None:
    """Raises a StackError that names what is not installed."""
    for name in _PACKAGES:
        _program(name)


def superuser(site: Site) -> dict[str, str]:
    """The login of the cluster's superuser, as parameters of a connection."""
    return {"user": _SUPERUSER, "password": site.superuser_password}


def _program(name: str) -> Path:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise StackError(f"{name} is missing: apt-get install {' '.join(_PACKAGES.values())} python3-etcd")
    return Path(found)


def _as_server() -> list[str]:
    """What makes a program run as the server's account, under its own pid."""
    account = server_account()
    if account is None:
        return []
    return ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
