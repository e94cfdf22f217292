"""A page of docs/ whose blocks are run."""

import re


def blocks(page: str, heading: str) -> list[str]:
    """The blocks of commands below a heading, those before the first one below ""."""
    sections = re.split(r"^## (.*)$", page, flags=re.MULTILINE)
    found = dict(zip(["", *sections[1::2]], sections[::2], strict=True))[heading]
    return re.findall(r"^```sh\n(.*?)^```", found, re.DOTALL | re.MULTILINE)


def assert_ready(printed: str) -> None:
    """The last line should say that all is well; those before may be of tries that came too early."""
    assert printed.splitlines()[-1] == '{"status": "ok"}'
