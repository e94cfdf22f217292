"""docs/container.md, block by block, with deploy/compose.yaml in a Docker of its own. It takes minutes: LONG=1.

Two things are not as for an operator: buildah builds the images, since there is no network in that Docker, and
PostgreSQL is Debian's, since docker.io's image cannot be pulled here.
"""

import json
import os
import re
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from stack.binaries import REPOSITORY
from stack.datadir import private_directory
from tests.dist.engine import engine
from tests.dist.images import BASE, Storage
from tests.dist.machine import Machine
from tests.dist.pages import assert_ready, blocks
from tests.support.long import long
from tests.support.programs import need
from tests.support.waiting import wait_until

pytestmark = long

PAGE = (REPOSITORY / "docs" / "container.md").read_text(encoding="utf-8")
VERSION, NEXT = "2.0.0", "2.0.1"
SERVICES = {"postgres", "migrate", "postgrest", "proxy"}
STATUS = "curl --silent --output /dev/null --write-out '%{http_code}' http://127.0.0.1:8000"
PSQL = "docker-compose exec -T postgres psql --username=product_owner --dbname=product --set=ON_ERROR_STOP=1"
EVENTS = """
insert into public.sessions (id, session_type, status, mode, project_path, config, created_at, updated_at)
values ('SESSION', 'unit_tests', 'in_progress', 'autonomous', '/srv/shop', '{}', now(), now());
insert into public.events (id, session_id, event_type, event_data, timestamp)
select gen_random_uuid(), 'SESSION', 'info', '{}', now() from generate_series(1, 3);
"""


@dataclass(frozen=True)
class Site:
    """The services in their Docker."""

    docker: Machine

    def do(self, heading: str, which: int) -> str:
        """Runs one block."""
        return self.docker.shell(blocks(PAGE, heading)[which])

    def up(self) -> float:
        """Starts everything; the seconds until a poll would be answered."""
        began = time.monotonic()
        assert_ready(self.do("Start", 0))
        return time.monotonic() - began

    def inspect(self, service: str) -> dict[str, Any]:
        """What Docker knows of a service's container."""
        told = self.docker.shell(f"docker inspect $(docker-compose ps --all --quiet {service})")
        (container,) = json.loads(told)
        return dict(container)

    def run(self, service: str, script: str) -> str:
        """What a script prints in a service's container, or how it fails there."""
        return self.docker.shell(f"docker-compose exec -T {service} sh -c '{script}' 2>&1 || true").strip()

    def state(self, service: str) -> str:
        """Whether it is healthy, by its own check."""
        return str(self.inspect(service)["State"]["Health"]["Status"])

    def status(self, path: str) -> str:
        """The status that a client gets."""
        return self.docker.shell(f"{STATUS}{path} || true")


def _unpacked(archive: Path, directory: Path) -> Path:
    with tarfile.open(archive) as tar:
        tar.extractall(directory, filter="data")
    return directory / archive.name.removesuffix(".tar.gz")


def _images(tree: Path, directory: Path) -> list[Path]:
    """All images that compose.yaml names, each as a file; prints what they cost."""
    storage = Storage(directory)
    storage.make_base()
    base = storage.saved(BASE).stat().st_size
    text = (tree / "deploy" / "compose.yaml").read_text().replace("${VERSION:?of the archive}", VERSION)
    services = yaml.safe_load(text)["services"]
    assert set(services) == SERVICES
    services["postgres"]["build"] = {"context": "", "dockerfile": "postgres.Containerfile"}
    saved = []
    for name, service in services.items():
        build = service["build"]
        context = tree / "deploy" / build["context"] if build["context"] else Path(__file__).parent
        image = service["image"]
        began = time.monotonic()
        storage.build(image, {**build, "context": str(context.resolve())})
        seconds = time.monotonic() - began
        saved.append(storage.saved(image))
        size = (saved[-1].stat().st_size - base) / 1e6
        print(f"{name}: {size:.0f} MB beside the base's {base / 1e6:.0f} MB, built in {seconds:.0f} s")
    return saved


@pytest.fixture(scope="module")
def site(archive: Path) -> Iterator[Site]:
    """Everything up to the running services, as the page says."""
    need("debootstrap", "unshare", "nsenter", "buildah", "docker-compose")
    need("dockerd", package="docker.io")
    need("ip", package="iproute2")
    if os.geteuid() != 0:
        pytest.fail("only root can make a container")
    with private_directory() as directory, engine() as docker:
        images = _images(_unpacked(archive, directory), directory)
        for image in images:
            docker.shell(f"docker load --quiet --input {image}")
        for name in SERVICES - {"postgres"}:
            docker.shell(f"docker tag session-events-{name}:{VERSION} session-events-{name}:{NEXT}")
        ready = Site(docker)
        (where,) = blocks(PAGE, "")
        given = "ARCHIVE=/root/session-events-api-2.0.0-linux-x86_64.tar.gz"
        assert given in where
        docker.shell(where.replace(given, f"ARCHIVE={archive}"))
        docker.shell(f"export VERSION={NEXT}\n" + blocks(PAGE, "Images")[0])
        docker.shell(f"export VERSION={VERSION}\n" + blocks(PAGE, "Images")[0])
        ready.do("Secrets", 0)
        print(f"ready {ready.up():.0f} s after 'docker-compose up'")
        yield ready


def test_every_service_is_healthy(site: Site) -> None:
    """All three servers should become healthy by their own checks, and the migrations should have ended well."""
    servers = SERVICES - {"migrate"}
    wait_until(lambda: {site.state(server) for server in servers} == {"healthy"}, "all are healthy")
    state = site.inspect("migrate")["State"]
    assert (state["Status"], state["ExitCode"]) == ("exited", 0)


def test_events_come_with_a_key(site: Site) -> None:
    """The poll on the page should print the events, and without its key be refused."""
    session_id = str(uuid4())
    statements = EVENTS.replace("SESSION", session_id)
    site.docker.shell(f'{PSQL} <<"END"\n{statements}\nEND')
    site.docker.shell(f"export SESSION={session_id}")
    assert json.loads(site.do("Start", 1))["pagination"]["total"] == 3
    assert site.status(f"/api/v2/sessions/{session_id}/events") == "401"


@pytest.mark.parametrize("service", sorted(SERVICES - {"migrate"}))
def test_confined(site: Site, service: str) -> None:
    """No server should be root, have or get a capability, or write to its own file system."""
    assert int(site.run(service, "id -u")) > 0
    told = dict(re.findall(r"^(\w+):\s+(\S+)", site.run(service, "cat /proc/1/status"), re.MULTILINE))
    assert int(told["Uid"]) > 0
    assert {told[name] for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {"0" * 16}
    assert told["NoNewPrivs"] == "1"
    assert "Read-only file system" in site.run(service, "touch /x")


def test_migrations_are_confined(site: Site) -> None:
    """What deploys should be confined as the servers are."""
    container = site.inspect("migrate")
    assert container["Config"]["User"] == "10001"
    host = container["HostConfig"]
    assert (host["ReadonlyRootfs"], host["CapDrop"], host["Privileged"]) == (True, ["ALL"], False)
    assert host["SecurityOpt"] == ["no-new-privileges:true"]


def test_secrets_are_kept(site: Site) -> None:
    """Each container should have those secrets that it needs, and none of them in its environment or its image."""
    have = {service: site.run(service, "ls /run/secrets").split() for service in SERVICES - {"migrate"}}
    assert have == {
        "postgres": ["owner-password"],
        "postgrest": ["authenticator-password"],
        "proxy": ["api-keys"],
    }
    secrets = site.docker.shell("cat /etc/session-events/*").split()
    assert len(set(secrets)) == 3
    for service in SERVICES:
        told = json.dumps(site.inspect(service)) + site.docker.shell(f"docker-compose logs {service} 2>&1")
        assert not [secret for secret in secrets if secret in told]


def test_ways_between(site: Site) -> None:
    """Only the proxy should be reached from outside, and it should reach the database by the socket alone."""
    listening = "cat /proc/net/tcp /proc/net/tcp6"
    loopback = "7F"
    for service, ports in (("postgrest", set[str]()), ("proxy", {"1F40"})):
        found = re.findall(r"\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F]+:0000 0A", site.run(service, listening))
        assert {port for address, port in found if not address.endswith(loopback)} == ports
    assert not site.inspect("postgres")["HostConfig"]["PortBindings"]
    (network,) = site.inspect("postgres")["NetworkSettings"]["Networks"].values()
    connect = f'timeout 5 bash -c "exec 3<>/dev/tcp/{network["IPAddress"]}/5432" && echo reached'
    assert site.run("postgrest", connect) == "reached"
    assert "reached" not in site.run("proxy", connect)


def test_key_is_changed_without_a_restart(site: Site) -> None:
    """A key that is written into the file should be taken, and the old one refused."""
    path = f"/api/v2/sessions/{uuid4()}/events"
    old = site.docker.shell("cat /etc/session-events/api-keys").strip()
    site.docker.shell("openssl rand -hex 32 >/etc/session-events/api-keys")
    wait_until(lambda: site.docker.shell(f"{STATUS}{path} --header 'X-API-Key: {old}'") == "401", "the old key's end")
    with_new = f'{STATUS}{path} --header "X-API-Key: $(cat /etc/session-events/api-keys)"'
    assert site.docker.shell(with_new) == "404"


def test_database_away(site: Site) -> None:
    """While the database is away only /ready should fail, nothing be restarted, and all go on once it is back."""
    before = {service: site.inspect(service)["State"]["StartedAt"] for service in ("postgrest", "proxy")}
    site.docker.shell("docker-compose stop postgres")
    wait_until(lambda: site.status("/ready") == "503", "/ready tells it")
    wait_until(lambda: site.state("postgrest") == "unhealthy", "PostgREST is unhealthy", seconds=120)
    assert site.status("/live") == "200"
    began = time.monotonic()
    site.docker.shell("docker-compose start postgres")
    wait_until(lambda: site.status("/ready") == "200", "the database is back")
    print(f"ready {time.monotonic() - began:.1f} s after 'docker-compose start postgres'")
    assert {service: site.inspect(service)["State"]["StartedAt"] for service in before} == before


@pytest.mark.parametrize("service", sorted(SERVICES - {"migrate"}))
def test_what_dies_is_started_again(site: Site, service: str) -> None:
    """Killed, each server should be back by itself."""
    site.docker.shell(f"kill -KILL {site.inspect(service)['State']['Pid']}")
    wait_until(lambda: site.inspect(service)["RestartCount"] == 1, f"{service} is started again")
    wait_until(lambda: site.status("/ready") == "200", "everything is ready")


def test_stopped_at_once(site: Site) -> None:
    """Each server should end well on its own when it is told to, long before it would be killed."""
    for service in ("proxy", "postgrest", "postgres"):
        site.docker.shell(f"docker-compose stop {service}")
        assert site.inspect(service)["State"]["ExitCode"] == 0
    site.up()


def test_upgrade_and_rollback(site: Site) -> None:
    """A second version should run after its upgrade, and the first one again after the rollback, with the same rows."""
    before = json.loads(site.do("Start", 1))
    export = blocks(PAGE, "Images")[0].splitlines()[-1]
    for version, block in ((NEXT, f"{export}\n{blocks(PAGE, 'Start')[0]}"), (VERSION, blocks(PAGE, "Rollback")[1])):
        site.docker.shell(f"export VERSION={version}\n{block}")
        assert site.inspect("proxy")["Config"]["Image"] == f"session-events-proxy:{version}"
        wait_until(lambda: site.status("/ready") == "200", f"{version} is ready")
        after = json.loads(site.do("Start", 1))
        assert after["items"] == before["items"]


def test_migrations_are_taken_back(site: Site) -> None:
    """The command of the rollback should take back what came after a change, and the next start bring it again."""
    plan = (REPOSITORY / "sqitch.plan").read_text().splitlines()
    changes = [line.split()[0] for line in plan if line and line[0] not in "%@#"]
    newest = f'{PSQL} --tuples-only --no-align --command "select change from sqitch.changes order by committed_at desc"'
    site.docker.shell(f"export CHANGE={changes[-2]}")
    site.do("Rollback", 0)
    assert site.docker.shell(newest).split()[0] == changes[-2]
    site.docker.shell("docker-compose up --detach")
    wait_until(lambda: site.docker.shell(newest).split()[0] == changes[-1], "the schema is back")


@contextmanager
def _other_secrets(site: Site) -> Iterator[None]:
    """What is done to the secrets meanwhile is undone at the end."""
    site.docker.shell("cp --archive /etc/session-events /root/kept")
    try:
        yield
    finally:
        site.docker.shell("rm --recursive /etc/session-events && mv /root/kept /etc/session-events")


def test_wrong_password(site: Site) -> None:
    """Where the migrations cannot log in their log should say so, and PostgREST and the proxy not be started."""
    site.docker.shell("docker-compose rm --force --stop migrate postgrest proxy")
    with _other_secrets(site):
        site.docker.shell("echo wrong >/etc/session-events/owner-password")
        assert "exit" in site.docker.shell("docker-compose up --detach 2>&1 || true")
        assert "password authentication failed" in site.docker.shell("docker-compose logs migrate")
        assert site.docker.shell("docker-compose ps --quiet postgrest proxy") == ""
    site.up()


def test_missing_secret(site: Site) -> None:
    """A secret that is not there should be named."""
    site.docker.shell("docker-compose rm --force --stop proxy")
    with _other_secrets(site):
        site.docker.shell("rm /etc/session-events/api-keys")
        assert "/etc/session-events/api-keys" in site.docker.shell("docker-compose up --detach 2>&1 || true")
        assert site.status("/live") == "000"
    site.up()


def test_missing_version(site: Site) -> None:
    """Without VERSION nothing should be done, and the variable be named."""
    told = site.docker.shell("env --unset VERSION docker-compose up --detach 2>&1 || true")
    assert "VERSION:?of the archive" in told


def test_database_elsewhere(site: Site) -> None:
    """With another database, changed as the page says, the same should be ready."""
    compose = yaml.safe_load(site.docker.shell('cat "$COMPOSE_FILE"'))
    services = compose["services"]
    image = services.pop("postgres")["image"]
    del services["migrate"]["depends_on"]
    del compose["networks"]["database"]["internal"]
    for name in ("migrate", "postgrest"):
        services[name]["environment"] |= {"PGHOST": "172.17.0.1", "PGDATABASE": "elsewhere"}
    services["migrate"]["environment"]["PGUSER"] = "somebody"
    # Docker's own address for the machine.
    variables = "--env POSTGRES_USER=somebody --env POSTGRES_DB=elsewhere --env POSTGRES_PASSWORD_FILE=/password"
    mounts = "--volume /etc/session-events/owner-password:/password"
    site.docker.shell("docker-compose down")
    site.docker.shell(
        f"docker run --detach --name elsewhere --network host --user postgres {variables} {mounts} {image}"
    )
    asked = "docker exec elsewhere pg_isready --host=127.0.0.1 && echo yes || true"
    wait_until(lambda: site.docker.shell(asked).endswith("yes\n"), "the other database")
    here = 'COMPOSE_FILE="${COMPOSE_FILE%/*}/elsewhere.yaml"'
    site.docker.shell(f"cat >\"${{COMPOSE_FILE%/*}}/elsewhere.yaml\" <<'END'\n{yaml.safe_dump(compose)}\nEND")
    try:
        assert_ready(site.docker.shell(f"export {here}\n{blocks(PAGE, 'Start')[0]}"))
    finally:
        site.docker.shell("docker-compose down && docker rm --force --volumes elsewhere")
    site.docker.shell('export COMPOSE_FILE="${COMPOSE_FILE%/*}/compose.yaml"')
    site.up()


def test_uninstall(site: Site) -> None:
    """At the end nothing but the database's volume should be left, and with --volumes not even that."""
    volumes = "docker volume ls --format '{{.Name}}'"
    before = site.docker.shell(volumes).split()
    block = blocks(PAGE, "Uninstall")[0]
    site.docker.shell(block.splitlines()[0])
    assert site.docker.shell(volumes).split() == before == ["session-events_database", "session-events_socket"]
    site.docker.shell(block.replace("down ", "down --volumes "))
    assert site.docker.shell("docker ps --all --quiet; docker volume ls --quiet") == ""
    assert site.docker.shell("ls /etc/session-events 2>&1 || true").endswith("No such file or directory\n")
