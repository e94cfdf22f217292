"""What deploy/ asks Prometheus."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from stack.binaries import REPOSITORY

RULES = REPOSITORY / "deploy" / "prometheus" / "session-events.rules.yml"
CONFIGURATION = REPOSITORY / "deploy" / "prometheus" / "prometheus.yml"
DASHBOARD = REPOSITORY / "deploy" / "grafana" / "session-events.json"


def alerts() -> dict[str, str]:
    """The alerts by name, with what each asks."""
    loaded = yaml.safe_load(RULES.read_text())
    return {rule["alert"]: rule["expr"] for group in loaded["groups"] for rule in group["rules"]}


def panels() -> list[dict[str, Any]]:
    """The panels that ask something."""
    dashboard = json.loads(DASHBOARD.read_text())
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def questions() -> Iterator[tuple[str, str]]:
    """What the panels ask, each with the panel's title; for all instances, over a minute."""
    for panel in panels():
        for target in panel["targets"]:
            expression = target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*")
            yield panel["title"], expression


def used(expression: str) -> list[tuple[str, dict[str, str]]]:
    """The metrics of ours in an expression, each with its matchers, as regular expressions."""
    found = re.findall(r"session_events_(\w+)(?:\{([^}]*)\})?", expression)
    return [(name, dict(re.findall(r'(\w+)=~?"([^"]*)"', matchers))) for name, matchers in found]
