"""Rules and dashboard name only what the proxy tells."""

import json
import re

import pytest

from stack.binaries import REPOSITORY
from tests.monitoring.deployed import DASHBOARD, alerts, panels, questions, used
from tests.support.client import Client
from tests.support.metrics import told

# What Prometheus adds to every metric.
ADDED = {"instance", "job"}


@pytest.mark.parametrize(("place", "expression"), [*alerts().items(), *questions()])
def test_exported(client: Client, place: str, expression: str) -> None:
    """Each metric should be one that the proxy tells, with a sample that the matchers fit."""
    client.get("8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11")
    now = told(client)
    assert used(expression) or "up{" in expression, place
    for name, matchers in used(expression):
        own = {label: value for label, value in matchers.items() if label not in ADDED}
        fitting = [
            labels
            for labels in now.labels(name)
            if all(re.fullmatch(value, labels.get(label, "")) for label, value in own.items())
        ]
        assert fitting, f"{place}: session_events_{name} with {own}"


@pytest.mark.parametrize(("place", "expression"), [*alerts().items(), *questions()])
def test_grouped(client: Client, place: str, expression: str) -> None:
    """What is summed should be grouped by labels that the metrics have."""
    client.get("8c6ea1d4-3a3c-4f8e-9f6d-2f1c9f0f7b11")
    now = told(client)
    grouped = {label for labels in re.findall(r"\bby \(([^)]*)\)", expression) for label in labels.split(", ")}
    known = {label for name, _ in used(expression) for labels in now.labels(name) for label in labels}
    assert grouped - known - ADDED == set(), place


def test_dashboard_shows_every_metric(client: Client) -> None:
    """Each metric should be on the dashboard, as it is or as a part of a histogram."""
    shown = {name for _, expression in questions() for name, _ in used(expression)}
    families = {re.sub(r"_(bucket|count|sum)$", "", name) for name, _ in told(client).all()}
    assert families == {re.sub(r"_(bucket|count|sum)$", "", name) for name in shown}


def test_dashboard_fits_together() -> None:
    """Panels should have ids of their own, say what they show, not overlap, and ask the source that can be chosen."""
    loaded = json.loads(DASHBOARD.read_text())
    ids = [panel["id"] for panel in loaded["panels"]]
    assert sorted(set(ids)) == sorted(ids)
    taken: set[tuple[int, int]] = set()
    for panel in loaded["panels"]:
        at = panel["gridPos"]
        places = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not places & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= places
    for panel in panels():
        assert panel["description"]
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
    assert {variable["name"] for variable in loaded["templating"]["list"]} == {"datasource", "instance"}


def test_alerts_are_explained() -> None:
    """The table in docs/operations.md should have each alert, and no other."""
    section = (REPOSITORY / "docs" / "operations.md").read_text().partition("\n### Alerts\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(alerts())
