"""`python -m stack up|down|demo|psql`: what make calls."""

import argparse
import os
import sys
from pathlib import Path
from typing import NoReturn

from stack import background, conninfo
from stack.binaries import REPOSITORY
from stack.errors import StackError

COMMANDS = {"up": background.up, "down": background.down, "demo": background.demo, "serve": background.serve}


def main() -> int:
    """Run one command; 1 and a message on standard error if it fails."""
    parser = argparse.ArgumentParser(prog="python -m stack", description="Start and stop the real parts.")
    parser.add_argument(
        "--directory", type=Path, default=REPOSITORY / ".local", help="data, logs and stack.env (default: .local)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("up", help="start in the background; returns once it answers")
    commands.add_parser("down", help="end it, leaving only the data")
    commands.add_parser("demo", help="run it with sample sessions until Ctrl-C")
    commands.add_parser("serve")  # what 'up' starts; nothing for a person
    commands.add_parser("psql", help="open psql as the tables' owner")
    arguments = parser.parse_args()
    directory = arguments.directory.absolute()
    # Ctrl-C is how the demo is meant to end.
    background.end_on_signals(interrupted=0 if arguments.command == "demo" else 130)
    try:
        if arguments.command == "psql":
            _psql(directory)
        COMMANDS[arguments.command](directory)
    except StackError as error:
        print(f"stack: {error}", file=sys.stderr)
        return 1
    return 0


def _psql(directory: Path) -> NoReturn:
    database = background.environment(directory)["DATABASE_URL"]
    os.execvpe("psql", ["psql"], {**os.environ, **conninfo.environment(database)})


if __name__ == "__main__":
    sys.exit(main())
