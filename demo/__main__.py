"""`python -m demo`: the whole stack with something to look at, until Ctrl-C."""

import argparse
import sys
from pathlib import Path

from demo.live import run
from stack.background import foreground
from stack.binaries import REPOSITORY
from stack.errors import StackError
from stack.signals import end_on_signals


def main() -> int:
    """Runs the demo until a signal ends it; returns 1, with a message on standard error, if it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m demo", description="Run everything with sample sessions.")
    parser.add_argument("--directory", type=Path, default=REPOSITORY / ".local", help="data and logs (default: .local)")
    directory: Path = parser.parse_args().directory
    end_on_signals(interrupted=0)  # Ctrl-C is how it is meant to end
    try:
        with foreground(directory.absolute()) as parts:
            run(parts.database_url, parts.proxy_url)
    except StackError as error:
        print(f"demo: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
