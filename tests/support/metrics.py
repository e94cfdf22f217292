"""What a proxy tells about itself."""

from prometheus_client.parser import text_string_to_metric_families

from tests.support.client import Client


class Told:
    """What /metrics tells, without the prefix that all names have."""

    def __init__(self, text: str) -> None:
        self._samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]

    def value(self, name: str, **labels: str) -> float:
        """The value of the one sample of a name with these labels; 0 where there is none."""
        found = [s.value for s in self._samples if s.name == f"session_events_{name}" and s.labels == labels]
        assert len(found) <= 1
        return found[0] if found else 0.0

    def all(self) -> list[tuple[str, set[str]]]:
        """The names of all samples, and of their labels."""
        return [(sample.name.removeprefix("session_events_"), set(sample.labels)) for sample in self._samples]

    def labels(self, name: str) -> list[dict[str, str]]:
        """The labels of all samples of a name."""
        return [sample.labels for sample in self._samples if sample.name == f"session_events_{name}"]


def told(client: Client, key: str = "") -> Told:
    """What the proxy tells now."""
    response = client.session.get(f"{client.url}/metrics", headers={"X-API-Key": key} if key else {}, timeout=60)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return Told(response.text)
