"""The rule for what hangs: it runs, and has given no sign of life for long."""

ANSWER_SECONDS = 2.0  # what is asked has to answer within
_HUNG_SECONDS = 10.0
_START_SECONDS = 60.0


class Silence:
    """How long something has given no sign of life, by looks `every` so many seconds.

    Looks are counted, not time: while nobody looks, as on a machine that sleeps, nobody can give a sign either.
    """

    def __init__(self, every: float) -> None:
        self._every = every
        self._looks = 0
        self.began = False  # it has given a first sign

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self._looks * self._every

    @property
    def hangs(self) -> bool:
        """Whether that is too long; what starts has more time for its first sign."""
        return self.seconds >= (_HUNG_SECONDS if self.began else _START_SECONDS)

    def note(self, *, alive: bool) -> None:
        """Takes note of what a look has found."""
        if alive:
            self.began, self._looks = True, 0
        else:
            self._looks += 1
