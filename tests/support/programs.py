"""What a test needs of the machine beside this repository; whoever lacks it is told its name."""

import ctypes
import shutil

import pytest


def need(*programs: str, package: str | None = None) -> None:
    """Fails the test with the name of the Debian package where a program is not there."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.fail(f"{program} is not on PATH: apt-get install {package or program}")


def need_library(name: str, package: str) -> None:
    """Fails the test with the name of the Debian package where a library cannot be loaded."""
    try:
        ctypes.CDLL(name)
    except OSError as error:
        pytest.fail(f"{error}: apt-get install {package}")
