"""`python -m bench`: measures, prints, and with --write puts the figures into docs/performance.md."""

import argparse
import signal
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from bench import conditions, document
from bench.databases import Databases, databases
from bench.load import Generator, generator
from bench.parts import adoption, followers, function, peers, sizes, writes
from bench.scale import QUICK, WHOLE, Scale
from bench.tables import Table
from stack.errors import StackError

_PARTS = ("peers", "function", "sizes", "writes", "followers", "adoption")


def main() -> int:
    """Runs the parts; 1 and a message on standard error if something cannot be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure this product beside its peers.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one or more of {', '.join(_PARTS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="a few seconds, only to see that everything runs")
    parser.add_argument(
        "--write",
        nargs="?",
        type=Path,
        const=document.PERFORMANCE,
        metavar="FILE",
        help="put the figures into docs/performance.md, or FILE",
    )
    arguments = parser.parse_intermixed_args()
    if unknown := set(arguments.parts) - set(_PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    # SIGTERM as Ctrl-C: with everything stopped that was started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parts = arguments.parts or _PARTS
    command = " ".join(["python -m bench", *arguments.parts, *(["--quick"] if arguments.quick else []), "--write"])
    try:
        tables = []
        for table in run(parts, QUICK if arguments.quick else WHOLE):
            print(f"\n{table.text()}", flush=True)
            tables.append(table)
        if arguments.write:
            document.write(tables, conditions.origin(command), arguments.write)
    except (StackError, document.MarkError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def run(parts: Collection[str], scale: Scale) -> Iterator[Table]:
    """The tables of these parts, each as soon as it is there."""
    name, load = generator(wrk=scale.wrk)
    with databases(scale) as found:
        # The other parts need the migrated database that this one makes.
        adopted = adoption.measure(found, scale)
        for part in _PARTS:
            if part in parts:
                yield from [adopted] if part == "adoption" else _part(part, found, scale, load)
        yield conditions.describe(found, name)


def _part(part: str, found: Databases, scale: Scale, load: Generator) -> list[Table]:
    match part:
        case "peers":
            return peers.measure(found, scale, load)
        case "function":
            return [function.measure(found, scale)]
        case "sizes":
            return [sizes.measure(found, scale)]
        case "writes":
            return writes.measure(found, scale)
        case _:
            return [followers.measure(found, scale)]


if __name__ == "__main__":
    sys.exit(main())
