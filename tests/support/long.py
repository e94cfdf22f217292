"""What takes long runs in the long profile: LONG=1, as make test-long sets it."""

import os

import pytest

LONG = bool(os.environ.get("LONG"))
long = pytest.mark.skipif(not LONG, reason="takes long: LONG=1, as make test-long sets it")
