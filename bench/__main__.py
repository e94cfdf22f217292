"""`python -m bench`: measures, prints, and with --write puts the figures into docs/performance.md."""

import argparse
import resource
import signal
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

from bench import conditions, document, targets
from bench.databases import databases
from bench.load import generator
from bench.parts import adoption, compression, followers, function, open_loop, peers, reading, shared, sizes, writes
from bench.result import Figures, Result, Setting
from bench.scale import QUICK, WHOLE, Scale
from stack.errors import StackError

TARGETS, ADOPTION = "targets", "adoption"
# A new part is an entry here; those that targets are about come first.
_PARTS = {
    "peers": peers.measure,
    "open": open_loop.measure,
    "shared": shared.measure,
    "sizes": sizes.measure,
    "reading": reading.measure,
    "writes": writes.measure,
    "function": function.measure,
    "followers": followers.measure,
    "compression": compression.measure,
}
_NEEDED = ("peers", "open", "shared", "sizes", "reading", "writes")
_NAMES = (TARGETS, *_PARTS, ADOPTION)


def main() -> int:
    """Runs the parts; 1 and a message on standard error if something cannot be measured."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure this product beside its peers.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one or more of {', '.join(_NAMES)} (default: all)")
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
    if unknown := set(arguments.parts) - set(_NAMES):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    # SIGTERM as Ctrl-C: with everything stopped that was started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Each poller is a connection, of the generator and of the server; both inherit this.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    command = " ".join(["python -m bench", *arguments.parts, *(["--quick"] if arguments.quick else []), "--write"])
    try:
        results = []
        for result in run(arguments.parts or _NAMES, QUICK if arguments.quick else WHOLE):
            for table in result.tables:
                print(f"\n{table.text()}", flush=True)
            results.append(result)
        if arguments.write:
            document.write(results, conditions.origin(command), arguments.write)
    except (StackError, document.MarkError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def run(names: Collection[str], scale: Scale) -> Iterator[Result]:
    """The results of these parts, each as soon as it is there; the table of targets at the end."""
    name, load = generator(wrk=scale.wrk)
    figures: Figures = {}
    with databases(scale) as found:
        # The other parts need the migrated database that this one makes.
        adopted = adoption.measure(Setting(found, scale, load))
        for part, measure in _PARTS.items():
            if part in names or (TARGETS in names and part in _NEEDED):
                result = measure(Setting(found, scale, load, whole=part in names))
                figures |= result.figures
                # What was measured only for the targets has no table of its own.
                if part in names:
                    yield result
        if ADOPTION in names:
            yield adopted
        if TARGETS in names:
            yield Result([targets.table(figures)])
        yield Result([conditions.describe(found, name)])


if __name__ == "__main__":
    sys.exit(main())
