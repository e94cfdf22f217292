"""Finished sample sessions, as the parent product leaves them, with the same ids wherever they are filled in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import psycopg
from psycopg.types.json import Jsonb

from recorder import statements

_NAMESPACE = uuid5(NAMESPACE_URL, "urn:session-events:samples")
BIG_EVENTS = 10_000

_STACK_TRACE = """\
org.opentest4j.AssertionFailedError: expected: <200 OK> but was: <500 INTERNAL_SERVER_ERROR>
\tat org.junit.jupiter.api.AssertionUtils.fail(AssertionUtils.java:55)
\tat com.example.orders.OrderControllerIT.createsAnOrder(OrderControllerIT.java:84)
Caused by: org.hibernate.LazyInitializationException: could not initialize proxy - no Session
\tat org.hibernate.proxy.AbstractLazyInitializer.initialize(AbstractLazyInitializer.java:165)
\tat com.example.orders.OrderMapper.toDto(OrderMapper.java:41)
\t... 38 more"""


def id_of(key: str) -> UUID:
    """The id of a session of the demo, the same in every database."""
    return uuid5(_NAMESPACE, key)


class Event(NamedTuple):
    """An event `at` seconds after the session's start, of the step with that sequence (0: of the session only)."""

    at: float
    step: int
    event_type: str
    message: str | None
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """A step from second `start` to second `end`, which is None while it has not ended."""

    code: str
    name: str
    status: str
    start: float
    end: float | None
    error_message: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One session with its steps and events; `age` is how long ago it started when it is filled in."""

    key: str
    title: str
    session_type: str
    status: str
    project_path: str
    age: timedelta
    seconds: float
    steps: tuple[Step, ...] = ()
    events: tuple[Event, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    error_message: str | None = None

    @property
    def id(self) -> UUID:
        """The same in every database."""
        return id_of(self.key)


def _completed() -> Sample:
    steps = (
        Step("analyze_project", "Analyze the Maven project", "completed", 0.2, 6.4),
        Step("identify_updates", "Identify dependency updates", "completed", 6.4, 15.1),
        Step("apply_updates", "Apply the updates", "completed", 15.1, 41.7),
        Step("run_tests", "Run the test suite", "completed", 41.7, 171.3),
        Step("write_report", "Write the report", "completed", 171.3, 174.9),
    )
    events = (
        Event(0.0, 0, "session_created", "Session created for petclinic", {"mode": "autonomous"}),
        Event(0.1, 0, "workflow_started", "Maven maintenance started", {"workflow": "maven_maintenance"}),
        Event(1.3, 1, "info", "Found pom.xml with 3 modules", {"modules": ["core", "web", "batch"]}),
        Event(5.9, 1, "info", "Resolved 148 dependencies", {"direct": 31, "transitive": 117, "elapsed_ms": 4602}),
        Event(9.8, 2, "info", "7 updates available", {"major": 1, "minor": 2, "patch": 4}),
        Event(
            12.4,
            2,
            "warning",
            "jackson-databind 2.13.0 has a known vulnerability",
            {
                "artifact": "com.fasterxml.jackson.core:jackson-databind",
                "advisory": "CVE-2020-36518",
                "severity": "high",
            },
        ),
        Event(14.9, 2, "warning", "spring-boot 3.x needs Java 17: skipped", {"found": "11", "needed": "17"}),
        Event(19.0, 3, "info", "jackson-databind 2.13.0 -> 2.15.3", {"from": "2.13.0", "to": "2.15.3"}),
        Event(40.2, 3, "artifact_created", "pom.xml patch", {"path": "artifacts/pom.patch", "bytes": 2417}),
        Event(118.6, 4, "warning", "OwnerControllerIT took 31.2 s", {"duration_ms": 31_204, "limit_ms": 30_000}),
        Event(171.0, 4, "info", "Tests run: 212, failures: 0, skipped: 3", {"run": 212, "failures": 0, "skipped": 3}),
        Event(174.6, 5, "artifact_created", "Report", {"path": "artifacts/report.html", "bytes": 48_211}),
        Event(175.0, 0, "workflow_completed", "Maven maintenance completed", {"duration_ms": 174_900, "updates": 6}),
    )
    return Sample(
        key="completed",
        title="Completed, with artifacts and warnings",
        session_type="maven_maintenance",
        status="completed",
        project_path="/projects/petclinic",
        age=timedelta(hours=3),
        seconds=175.0,
        steps=steps,
        events=events,
        config={"profile": "ci", "allow_major": False},
    )


def _failed() -> Sample:
    reason = "3 of 187 tests failed"
    steps = (
        Step("generate_tests", "Generate integration tests", "completed", 0.3, 58.0),
        Step("run_tests", "Run the test suite", "failed", 58.0, 131.5, reason),
    )
    events = (
        Event(0.0, 0, "session_created", "Session created for orders", {"mode": "autonomous"}),
        Event(0.1, 0, "workflow_started", "Test generation started", {"workflow": "test_generation"}),
        Event(22.7, 1, "info", "Generated OrderControllerIT.java", {"tests": 14, "llm_ms": 19_380}),
        Event(57.2, 1, "artifact_created", "Generated tests", {"path": "artifacts/tests.zip", "bytes": 18_644}),
        Event(96.1, 2, "warning", "Retrying OrderControllerIT.createsAnOrder", {"attempt": 2, "of": 3}),
        Event(
            118.3,
            2,
            "error",
            "OrderControllerIT.createsAnOrder: expected 200 OK but was 500",
            {"test": "OrderControllerIT.createsAnOrder", "duration_ms": 1874, "stack_trace": _STACK_TRACE},
        ),
        Event(121.0, 2, "error", "OrderControllerIT.cancelsAnOrder: timed out", {"duration_ms": 30_000}),
        Event(124.8, 2, "error", "StockIT.reserves: connection refused", {"host": "stock", "port": 5672}),
        Event(131.6, 0, "workflow_failed", f"Test generation failed: {reason}", {"duration_ms": 131_500, "failed": 3}),
    )
    return Sample(
        key="failed",
        title="Failed, with a stack trace",
        session_type="test_generation",
        status="failed",
        project_path="/projects/orders",
        age=timedelta(hours=2),
        seconds=131.6,
        steps=steps,
        events=events,
        error_message=reason,
    )


def _paused() -> Sample:
    steps = (
        Step("build_image", "Build the container image", "completed", 0.2, 44.0),
        Step("deploy", "Deploy to staging", "pending", 44.0, None),
    )
    events = (
        Event(0.0, 0, "session_created", "Session created for gateway", {"mode": "interactive"}),
        Event(0.1, 0, "workflow_started", "Docker deployment started", {"workflow": "docker_deployment"}),
        Event(43.1, 1, "artifact_created", "Image gateway:1.8.2", {"tag": "gateway:1.8.2", "layers": 11}),
        Event(45.0, 2, "warning", "Staging still runs 1.8.1: confirm the replacement", {"running": "1.8.1"}),
        Event(45.1, 0, "workflow_paused", "Waiting for a decision", {"question": "Replace 1.8.1?", "since_ms": 45_100}),
    )
    return Sample(
        key="paused",
        title="Paused, waits for a decision",
        session_type="docker_deployment",
        status="paused",
        project_path="/projects/gateway",
        age=timedelta(minutes=40),
        seconds=45.1,
        steps=steps,
        events=events,
    )


def _empty() -> Sample:
    return Sample(
        key="empty",
        title="Pending, without any event",
        session_type="maven_maintenance",
        status="pending",
        project_path="/projects/invoices",
        age=timedelta(minutes=5),
        seconds=0.0,
    )


def _big() -> Sample:
    seconds = 1_800.0
    opening = Event(0.0, 0, "session_created", "Session created for warehouse", {"mode": "autonomous"})
    closing = Event(seconds, 0, "workflow_completed", "Test generation completed", {"duration_ms": int(seconds * 1000)})
    return Sample(
        key="big",
        title=f"Completed, {BIG_EVENTS:,} events",
        session_type="test_generation",
        status="completed",
        project_path="/projects/warehouse",
        age=timedelta(hours=26),
        seconds=seconds,
        steps=(Step("run_tests", "Run the test suite", "completed", 0.2, seconds - 0.2),),
        events=(opening, *_test_lines(BIG_EVENTS - 4, seconds), closing),
    )


def _test_lines(count: int, seconds: float) -> Iterator[Event]:
    """`count` lines of a test run, four at a time with the same timestamp, some of them warnings and errors."""
    for number in range(count):
        at = 1.0 + (number // 4) * 4 * (seconds - 2.0) / count
        case = f"com.example.warehouse.Shelf{number % 97}Test.case{number}"
        if number % 500 == 499:
            yield Event(at, 1, "error", f"FAILED {case}", {"test": case, "duration_ms": 5000, "attempt": 1})
        elif number % 50 == 49:
            yield Event(at, 1, "warning", f"SLOW {case}", {"test": case, "duration_ms": 900 + number % 700})
        else:
            yield Event(at, 1, "info", f"PASSED {case}", {"test": case, "duration_ms": 3 + number % 40})


SAMPLES = {sample.key: sample for sample in (_completed(), _failed(), _paused(), _empty(), _big())}


def fill(connection: psycopg.Connection[Any]) -> None:
    """Writes the sample sessions that are not there yet. Raises psycopg.Error; each session is all or nothing."""
    for sample in SAMPLES.values():
        with connection.transaction():
            started = datetime.now(UTC) - sample.age
            if connection.execute(statements.INSERT_SESSION_ONCE, _session_row(sample, started)).rowcount:
                with connection.cursor() as cursor:
                    cursor.executemany(statements.INSERT_STEP, list(_step_rows(sample, started)))
                    with cursor.copy(statements.COPY_EVENTS) as copy:
                        for row in _event_rows(sample, started):
                            copy.write_row(row)


def _all_events(sample: Sample) -> list[Event]:
    """The sample's events in the order of time, those that open and close its steps among them."""
    events = list(sample.events)
    for sequence, step in enumerate(sample.steps, start=1):
        about: dict[str, Any] = {"code": step.code, "sequence": sequence}
        if step.status == "pending":
            continue
        # a millisecond after the step before it ended, so that the order is plain
        events.append(Event(step.start + 0.001, sequence, "step_started", step.name, about))
        if step.end is not None:
            duration_ms = round((step.end - step.start) * 1000)
            data = {**about, "status": step.status, "duration_ms": duration_ms}
            events.append(Event(step.end, sequence, "step_completed", f"{step.name}: {step.status}", data))
    return sorted(events, key=lambda event: event.at)


def _session_row(sample: Sample, started: datetime) -> dict[str, Any]:
    ended = started + timedelta(seconds=sample.seconds)
    over = sample.status in {"completed", "failed", "cancelled"}
    return {
        "id": sample.id,
        "session_type": sample.session_type,
        "status": sample.status,
        "mode": "interactive" if sample.status == "paused" else "autonomous",
        "project_path": sample.project_path,
        "config": Jsonb({"sample": sample.key, **sample.config}),
        "result": Jsonb({"duration_ms": round(sample.seconds * 1000)}) if over else None,
        "error_message": sample.error_message,
        "created_at": started,
        "updated_at": ended,
        "completed_at": ended if over else None,
    }


def _step_id(sample: Sample, sequence: int) -> UUID:
    return uuid5(sample.id, f"step {sequence}")


def _step_rows(sample: Sample, started: datetime) -> Iterator[dict[str, Any]]:
    for sequence, step in enumerate(sample.steps, start=1):
        pending = step.status == "pending"
        yield {
            "id": _step_id(sample, sequence),
            "session_id": sample.id,
            "code": step.code,
            "name": step.name,
            "status": step.status,
            "sequence": sequence,
            "inputs": Jsonb({"project_path": sample.project_path}),
            "outputs": None if step.end is None else Jsonb({"status": step.status}),
            "error_message": step.error_message,
            "retry_count": 0,
            "started_at": None if pending else started + timedelta(seconds=step.start),
            "completed_at": None if step.end is None else started + timedelta(seconds=step.end),
            "created_at": started,
        }


def _event_rows(sample: Sample, started: datetime) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of the columns of COPY_EVENTS."""
    for number, event in enumerate(_all_events(sample)):
        step_id = _step_id(sample, event.step) if event.step else None
        timestamp = started + timedelta(seconds=event.at)
        event_id = uuid5(sample.id, f"event {number}")
        yield event_id, sample.id, step_id, event.event_type, Jsonb(event.data), event.message, timestamp
