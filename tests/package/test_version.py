"""One version number for the package, the API, its clients and the changelog."""

import json
import re
import tomllib

from stack.binaries import REPOSITORY
from tests.support.openapi import document

VERSION: str = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["version"]


def test_of_the_api() -> None:
    """The OpenAPI document should have the version of the package."""
    assert document()["info"]["version"] == VERSION


def test_of_the_changelog() -> None:
    """The changelog's newest entry should be of the version of the package."""
    headings = re.findall(r"^## .*$", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert re.findall(r"\d+\.\d+\.\d+", headings[0]) == [VERSION]


def test_of_the_javascript_client() -> None:
    """The npm package of the poller should have the version of the package."""
    assert json.loads((REPOSITORY / "clients" / "javascript" / "package.json").read_text())["version"] == VERSION


def test_of_the_python_client() -> None:
    """The Python client should have the version of the package."""
    project = tomllib.loads((REPOSITORY / "clients" / "python" / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
