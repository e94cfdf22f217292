"""`stack.env`, the file in which a running stack says where it is, as lines that a shell can read."""

import shlex
from collections.abc import Mapping
from pathlib import Path


def read(file: Path) -> dict[str, str]:
    """Returns its variables; none where there is no such file."""
    try:
        words = shlex.split(file.read_text(encoding="utf-8"), comments=True)
    except FileNotFoundError:
        return {}
    return dict(word.split("=", 1) for word in words if "=" in word)


def write(file: Path, values: Mapping[str, str]) -> None:
    """Writes it whole at once, for its owner only: that it is there means that the stack is ready."""
    draft = file.with_name(f"{file.name}.draft")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    # A URI with a quote in it would be quoted in a way that only a shell reads; percent-encoded it is the same URI.
    quotable = {name: value.replace("'", "%27") for name, value in values.items()}
    draft.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in quotable.items()))
    draft.rename(file)
