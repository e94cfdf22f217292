"""`python -m stack up|down|status|psql|env|explain`: what make and the DBA call."""

import argparse
import os
import shlex
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import NoReturn

from addresses import conninfo
from stack import background, settings
from stack.binaries import REPOSITORY
from stack.errors import StackError
from stack.explain import explain
from stack.health import healthy
from stack.logged import Logged, logged
from stack.signals import end_on_signals
from stack.status import status

_COMMANDS = {"up": background.up, "down": background.down, "serve": background.serve}
_OPTIONS = {
    "since": ("p_since", "only events strictly after this time, such as 2026-01-13T14:30:00Z"),
    "type": ("p_event_type", "only events of this type"),
    "cursor": ("p_cursor", "only what the answer with this cursor could not see"),
    "next": ("p_next", "the page after the answer that gave this out; it goes alone"),
    "limit": ("p_limit", "events on a page"),
    "page": ("p_page", "which page, from 1"),
}

_AGAIN = {
    "page": "It is asked again.",
    "since": "It is asked again with the time when it came for its since.",
    "cursor": "It is asked again with the cursor that its session gives now.",
    "next": "It is asked again with the next of a walk that begins now.",
}
_NOT_LOGGED = "Filter, limit and page are not in the log: what matters of them, give as options."


def main() -> int:
    """Runs one command; returns 1 if it fails, with a message on standard error, or if `status` is not well."""
    parser = argparse.ArgumentParser(prog="python -m stack", description="Start and stop the real parts.")
    parser.add_argument(
        "--directory", type=Path, default=REPOSITORY / ".local", help="data, logs and stack.env (default: .local)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("up", help="start in the background; returns once it answers")
    commands.add_parser("down", help="end it, leaving only the data")
    commands.add_parser("status", help="tell what runs, since when, and what had to be started again")
    commands.add_parser("serve")  # what 'up' starts; nothing for a person
    commands.add_parser("psql", help="open psql as the tables' owner")
    commands.add_parser("env", help='print libpq\'s variables for the same database: eval "$(python -m stack env)"')
    _add_explain(commands)
    arguments = parser.parse_args()
    directory = arguments.directory.absolute()
    end_on_signals(interrupted=130)
    try:
        match arguments.command:
            case "status":
                return _status(directory)
            case "psql":
                _psql(_database(directory))
            case "env":
                for name, value in conninfo.environment(_database(directory)).items():
                    print(f"export {name}={shlex.quote(value)}")
            case "explain":
                _explain(directory, arguments)
            case command:
                _COMMANDS[command](directory)
    except StackError as error:
        print(f"stack: {error}", file=sys.stderr)
        return 1
    return 0


def _database(directory: Path) -> str:
    """DATABASE_URL, else the database of the stack that is up."""
    return settings.database_url(directory) or background.environment(directory)["DATABASE_URL"]


def _status(directory: Path) -> int:
    url = background.environment(directory)["PROXY_URL"]
    lines, well = status(directory)
    ready = healthy(url)
    print(*lines, f"{url}/ready: {'yes' if ready else 'no'}", sep="\n")
    return 0 if well and ready else 1


def _psql(database: str) -> NoReturn:
    os.execvpe("psql", ["psql"], {**os.environ, **conninfo.environment(database)})


def _add_explain(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    parser = commands.add_parser(
        "explain",
        help="show the plans of session_events() for a session",
        description="Call api.session_events(), read only, and show the plan of each statement in it that reads a"
        " table. The call really runs, with every plan measured: it costs the server what such a poll costs, and more.",
    )
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("p_session_id", metavar="SESSION", nargs="?", help="the session's id")
    asked.add_argument("--request", metavar="ID", help="instead of it, a request's id: one that the proxy has logged")
    parser.add_argument("--log", metavar="FILE", help="the proxy's log, - for standard input (default: .local's)")
    for name, (argument, text) in _OPTIONS.items():
        parser.add_argument(f"--{name}", dest=argument, metavar=name.upper(), help=text)


def _explain(directory: Path, arguments: argparse.Namespace) -> None:
    database = _database(directory)
    given = {name: value for name, value in vars(arguments).items() if name.startswith("p_") and value is not None}
    bookmark = ""
    if arguments.request:
        request = _logged(Path(arguments.log or directory / "proxy.log"), arguments.request)
        given = {"p_session_id": request.session_id, **given}
        if request.kind == "since":
            given.setdefault("p_since", request.began)
        elif request.kind != "page" and "p_cursor" not in given:
            bookmark = request.kind
        print(f"=== The request ({request})\n\n{_AGAIN[request.kind]} {_NOT_LOGGED}\n")
    for paragraph in explain(database, given, bookmark):
        print(paragraph)


def _logged(log: Path, request_id: str) -> Logged:
    try:
        with nullcontext(sys.stdin) if str(log) == "-" else log.open(errors="replace") as lines:
            return logged(lines, request_id)
    except OSError as error:
        raise StackError(f"the proxy's log cannot be read: {error}; --log says where it is") from None


if __name__ == "__main__":
    sys.exit(main())
