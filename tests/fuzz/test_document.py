"""Schemathesis: requests made from the OpenAPI document, valid and not, and the ways that its links lead."""

import re
import subprocess
import sys
from pathlib import Path

from stack.process import plain_environment
from tests.fuzz.conftest import Target
from tests.support.long import LONG

# So few examples follow every link only with a seed that is known to.
AMOUNT = ["--max-examples=300"] if LONG else ["--max-examples=8", "--seed=1"]
# A session that is there; else next to nothing would get past the 404.
CONFIGURATION = """
[parameters]
"path.session_id" = "{session_id}"
"""
# Which parameters exclude each other is nothing that OpenAPI can say, nor which tokens were given out: what fits every
# schema may be refused all the same.
CHECKS = ["--checks=all", "--exclude-checks=positive_data_acceptance"]


def test_document(target: Target, tmp_path: Path) -> None:
    """Every answer should be a documented one, in all phases, and each link of the document lead to a success."""
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION.format(session_id=target.session_id))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "--no-color"]
    options = [*CHECKS, *AMOUNT, "--continue-on-failure", "--generation-database=none"]
    result = subprocess.run(
        [*command, "run", f"{target.client.url}/openapi.json", *options],
        check=False,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=plain_environment(),
    )
    assert result.returncode == 0, result.stdout + result.stderr
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert re.search(rf"✅ +{phase} \(in", result.stdout), result.stdout
    # One that was not followed would have been tested by nothing.
    assert re.search(r"API Links: +3 covered / 3 selected", result.stdout), result.stdout
