"""A real Prometheus: takes the rules, scrapes a proxy with its key, and answers what the dashboard asks."""

import json
import re
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from stack.postgres import free_port
from stack.process import plain_environment, running
from stack.whole import Stack
from tests.http.parts import own_proxy
from tests.monitoring.deployed import CONFIGURATION, RULES, alerts, questions
from tests.support.programs import need
from tests.support.waiting import wait_until

KEY = "prometheus-key-2c9e"
UNIT_TESTS = Path(__file__).with_name("rules.test.yml")


@dataclass(frozen=True)
class Prometheus:
    """A Prometheus that can be asked."""

    url: str

    def get(self, path: str, **parameters: str) -> Any:
        """What its HTTP API says; a question that it does not understand fails."""
        response = requests.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=60)
        assert response.status_code == 200, response.text
        return response.json()["data"]

    def scrapes(self, health: str) -> str | None:
        """Why it does not get in, once the one that it scrapes is in this health."""
        found = [target["lastError"] for target in self.get("targets")["activeTargets"] if target["health"] == health]
        return found[0] if found else None


@pytest.fixture(autouse=True)
def _programs() -> None:
    need("prometheus")


@contextmanager
def scraping(url: str, key: str, directory: Path) -> Iterator[Prometheus]:
    """A Prometheus with the configuration of deploy/, which scrapes this proxy every second."""
    loaded = yaml.safe_load(CONFIGURATION.read_text())
    loaded["global"]["scrape_interval"] = "1s"
    (job,) = loaded["scrape_configs"]
    job["static_configs"] = [{"targets": [url.removeprefix("http://")]}]
    (directory / "prometheus.yml").write_text(yaml.safe_dump(loaded))
    (directory / job["authorization"]["credentials_file"]).write_text(f"{key}\n")
    (directory / loaded["rule_files"][0]).write_text(RULES.read_text())
    own = Prometheus(f"http://127.0.0.1:{free_port()}")
    command = [
        "prometheus",
        f"--config.file={directory / 'prometheus.yml'}",
        f"--storage.tsdb.path={directory / 'data'}",
        f"--web.listen-address={own.url.removeprefix('http://')}",
    ]

    def ready() -> bool:
        try:
            return requests.get(f"{own.url}/-/ready", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    with running(command, env=plain_environment(), log=directory / "prometheus.log", ready=ready):
        yield own


def test_scrapes_with_the_key(running_stack: Stack, tmp_path: Path) -> None:
    """It should get in with the key, take rules and metrics, and find each that a panel asks for."""
    with (
        own_proxy(running_stack.postgrest_url, {"API_KEYS": KEY}) as proxy,
        scraping(proxy.client.url, KEY, tmp_path) as prometheus,
    ):

        def served() -> bool:
            response = proxy.client.get(uuid.uuid4(), headers={"X-API-Key": KEY})
            assert response.status_code == 404
            scraped = prometheus.get("query", query='rate(session_events_requests_total{kind="page"}[1m]) > 0')
            return bool(scraped["result"])

        wait_until(served)
        assert prometheus.scrapes("up") == ""
        names = {rule["name"] for group in prometheus.get("rules")["groups"] for rule in group["rules"]}
        assert names == set(alerts())
        empty = {title for title, question in questions() if not prometheus.get("query", query=question)["result"]}
        # Nothing of the kind has happened to this proxy.
        assert empty <= {"Errors", "Latency of polls"}


def test_needs_the_key(running_stack: Stack, tmp_path: Path) -> None:
    """With another key it should stay outside, and say why."""
    with (
        own_proxy(running_stack.postgrest_url, {"API_KEYS": KEY}) as proxy,
        scraping(proxy.client.url, "another-key", tmp_path) as prometheus,
    ):
        wait_until(lambda: "401" in (prometheus.scrapes("down") or ""))
        wait_until(lambda: prometheus.get("query", query='up{job="session-events"} == 0')["result"])


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "rules", str(RULES)],
        ["check", "config", "--syntax-only", str(CONFIGURATION)],
        ["test", "rules", str(UNIT_TESTS)],
    ],
    ids=" ".join,
)
def test_promtool(arguments: list[str]) -> None:
    """The rules should be taken, and each alert fire where it should and nowhere else."""
    result = subprocess.run(["promtool", *arguments], check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_each_alert_is_seen_to_fire_and_not_to() -> None:
    """The unit tests of the rules should have each alert fire, and stay silent where all is well."""
    loaded = yaml.safe_load(UNIT_TESTS.read_text())
    cases = [case for test in loaded["tests"] for case in test["alert_rule_test"]]
    assert {case["alertname"] for case in cases if case.get("exp_alerts")} == set(alerts())
    well, *_ = loaded["tests"]
    assert [case["alertname"] for case in well["alert_rule_test"]] == list(alerts())
    text = json.dumps(well["input_series"])
    assert all(
        name in text for expression in alerts().values() for name in re.findall(r"session_events_\w+", expression)
    )
