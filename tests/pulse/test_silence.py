"""What hangs, whoever looks."""

import pytest

from pulse.silence import Silence


@pytest.mark.parametrize(("every", "first", "further"), [(1.0, 60, 10), (2.0, 30, 5)])
def test_hangs(every: float, first: int, further: int) -> None:
    """It should hang after ten seconds without a sign of life, and after a minute without a first one."""
    silence = Silence(every)
    assert _looks(silence) == first
    silence.note(alive=True)
    assert not silence.hangs
    assert _looks(silence) == further


def test_interrupted() -> None:
    """A sign of life should end it, and what was before not be added to what comes."""
    silence = Silence(1)
    for _ in range(9):
        for alive in (*[False] * 9, True):
            silence.note(alive=alive)
            assert not silence.hangs


def _looks(silence: Silence) -> int:
    """How many looks find nothing until it hangs."""
    looks = 0
    while not silence.hangs:
        silence.note(alive=False)
        looks += 1
    return looks
