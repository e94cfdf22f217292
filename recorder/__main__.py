"""`python -m recorder [--database URL] [--name NAME] [--id UUID] -- COMMAND …`"""

import argparse
import os
import sys
from collections.abc import Sequence
from uuid import UUID, uuid4

import psycopg

from recorder.progress import progress_for
from recorder.recording import EXIT_NO_DATABASE, one_line, record
from recorder.settings import Settings, SettingsError


def main() -> int:
    """Records what the command line says; the exit code, 130 where Ctrl-C came before the recording began."""
    try:
        return _run(sys.argv[1:])
    except KeyboardInterrupt:  # from the recording's begin on it catches signals itself
        return 130


def _run(argv: Sequence[str]) -> int:
    """Parses, records and returns the exit code; leaves with 2 where the arguments are wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m recorder",
        description="Run a command and record its output as the events of a session.",
        epilog="It leaves with the command's exit code. Put -- before the command.",
    )
    parser.add_argument("--database", metavar="URL", help="default: DATABASE_URL, else the running stack's")
    parser.add_argument("--name", help="the session's name (default: the command)")
    parser.add_argument("--id", type=UUID, metavar="UUID", help="the session's id (default: a new one)")
    parser.add_argument("command", nargs="+", metavar="COMMAND", help="the command and its arguments")
    options = parser.parse_args(argv)
    try:
        settings = Settings.load(options.database, os.environ)
    except SettingsError as error:
        parser.error(str(error))
    session_id: UUID = options.id or uuid4()
    progress = progress_for(session_id)
    try:
        return record(options.command, options.name, session_id, settings, progress)
    except psycopg.errors.UniqueViolation:
        parser.error(f"there is a session {session_id} already: give another --id")
    except psycopg.Error as error:
        progress.say(f"cannot record, the command was not started: {one_line(error)}")
    return EXIT_NO_DATABASE


if __name__ == "__main__":
    sys.exit(main())
