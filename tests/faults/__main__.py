"""`python -m tests.faults`: runs every fault for as long as it takes, and writes the figures into the document."""

import os
import sys
from pathlib import Path

import pytest


def main() -> int:
    """Writes only if every test has passed; returns pytest's status."""
    os.environ["LONG"] = "1"
    # Not before: whatever it imports reads that.
    from tests.faults.table import Table

    table = Table()
    status = pytest.main([str(Path(__file__).parent), "-q", "-s"], plugins=[table])
    if status == 0:
        table.write()
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
