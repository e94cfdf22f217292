"""Which level is read off which line."""

import pytest

from recorder.levels import level_of


@pytest.mark.parametrize(
    "line",
    [
        "ERROR: relation does not exist",
        "error: cannot find module",
        "[ERROR] BUILD FAILURE",
        "2026-01-13 14:30:00,123 ERROR app.main: out of memory",
        "2026-01-13T14:30:00.123Z [error] out of memory",
        "app.worker - CRITICAL - giving up",
        "main.c:10:5: error: expected ';'",
        "proxy/app.py:3: error: Incompatible types [arg-type]",
        "psql:a.sql:3: ERROR:  syntax error",
        "fatal: not a git repository",
        "FATAL:  the database system is starting up",
        "error[E0308]: mismatched types",
        "Traceback (most recent call last):",
        "ValueError: invalid literal for int()",
        "psycopg.errors.UniqueViolationError: duplicate key",
        "Exception in thread main java.lang.IllegalStateException: closed",
        "FAILED tests/test_a.py::test_b - assert 1 == 2",
        "tests/test_a.py::test_b FAILED   [ 50%]",
        "E       assert 1 == 2",
        "=== 1 failed, 20 passed in 0.4s ===",
        "Found 2 errors.",
        "Tests run: 3, Failures: 1, Errors: 0",
        "not ok 3 - has a primary key",
        "make: *** [Makefile:3: test] Error 2",
        "npm ERR! code ENOENT",
        "E: Unable to locate package nonsense",
        "sh: 1: nonsense: command not found",
        "cat: missing.txt: No such file or directory",
        "web-1 : ok=3 changed=1 unreachable=0 failed=2",
        'level=error msg="disk full"',
        '{"level": "error", "msg": "disk full"}',
    ],
)
def test_error(line: str) -> None:
    """A line that its program marks as an error should be an error."""
    assert level_of(line) == "error"


@pytest.mark.parametrize(
    "line",
    [
        "WARNING: there is no transaction in progress",
        "warning: unused variable",
        "[WARN] deprecated",
        "2026-01-13 14:30:00 WARN  app: slow",
        "main.c:10:5: warning: unused variable 'x'",
        "app.py:3: DeprecationWarning: use the other one",
        "npm WARN deprecated a@1",
        "W: Some index files failed to download",
        "=== 20 passed, 2 warnings in 0.4s ===",
        "level=warning msg=slow",
        '{"severity":"WARN","msg":"error rate is high"}',
    ],
)
def test_warning(line: str) -> None:
    """A line that its program marks as a warning should be a warning."""
    assert level_of(line) == "warning"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "0 errors, 0 warnings",
        "no errors found",
        "finished without errors",
        "errors=0 warnings=0",
        "Tests run: 212, Failures: 0, Errors: 0, Skipped: 3",
        '{"errors": [], "error": null}',
        "test_error_handling.py::test_error_page PASSED [ 10%]",
        "INFO: retry after ERROR was handled",
        "2026-01-13 14:30:00,123 INFO no such ERROR any more",
        "DEBUG error: swallowed",
        "not ok 4 - sorts # TODO not yet",
        "ok 3 - raises an ERROR for bad input",
        "Compiling thiserror v1.0.56",
        "error-handling guide written to docs/ERROR.md",
        "setting LOG_LEVEL=ERROR",
        "--on-error=stop",
        "NOTICE:  table does not exist, skipping",
        "10 passed in 0.1s",
        "failed=0",
        "terror: a novel",
        'level=info msg="error: none"',
        "Unwarranted warnings policy",
    ],
)
def test_info(line: str) -> None:
    """A line that only talks about errors should stay info."""
    assert level_of(line) == "info"


def test_long_line_is_read_in_reasonable_time() -> None:
    """A line at the limit should not make any pattern go back and forth over it."""
    for line in (
        "1 " * 131_072,
        "a:" * 131_072,
        "x.Y" * 80_000,
        "=[" * 131_072,
        "1:" * 131_072,
        "1 not ok 1 " * 20_000,
        " " * 262_144,
    ):
        assert level_of(line) == "info"
