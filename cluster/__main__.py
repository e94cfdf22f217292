"""`python -m cluster up|down|status`: what make calls."""

import argparse
import sys
from pathlib import Path

from addresses import stack_env
from cluster import background
from cluster.status import status
from stack.binaries import REPOSITORY
from stack.errors import StackError
from stack.signals import end_on_signals

_COMMANDS = {"up": background.up, "down": background.down, "serve": background.serve}


def main() -> int:
    """Runs one command; returns 1 if it fails, with a message on standard error, or if `status` is not well."""
    parser = argparse.ArgumentParser(prog="python -m cluster", description="Start and stop a cluster.")
    parser.add_argument(
        "--directory",
        type=Path,
        default=REPOSITORY / ".local" / "cluster",
        help="logs; the addresses stand beside it, in cluster.env (default: .local/cluster)",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("up", help="start in the background; returns once it answers")
    commands.add_parser("down", help="end it and remove its data")
    commands.add_parser(
        "status", help="tell who is the leader, how far each node has replayed, and whether it is ready"
    )
    commands.add_parser("serve")  # what 'up' starts; nothing for a person
    arguments = parser.parse_args()
    directory = arguments.directory.absolute()
    end_on_signals(interrupted=130)
    try:
        if arguments.command == "status":
            return _status(directory)
        _COMMANDS[arguments.command](directory)
    except StackError as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    return 0


def _status(directory: Path) -> int:
    values = stack_env.read(background.environment_file(directory))
    if not values:
        raise StackError("the cluster is not up: 'make cluster' starts it")
    lines, well = status(values)
    print(*lines, sep="\n")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
