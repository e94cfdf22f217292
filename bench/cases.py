"""What all contenders are measured at: a new case is an entry of CASES."""

from dataclasses import dataclass

from bench import polls
from bench.scale import Scale

# How many connections, by the scale.
ONE, FEW, MANY, MOST = "one", "few", "many", "most"


@dataclass(frozen=True)
class Case:
    """A question, and on how many connections it is put."""

    question: str
    crowding: str

    def connections(self, scale: Scale) -> int:
        """The number."""
        return {ONE: 1, FEW: scale.few, MANY: scale.many, MOST: scale.most}[self.crowding]

    def name(self, scale: Scale) -> str:
        """For a table."""
        count = self.connections(scale)
        return f"{self.question}; {count:,} connection{'s' * (count > 1)}"


CASES = (
    Case(polls.IDLE_EACH, ONE),
    Case(polls.IDLE_EACH, FEW),
    Case(polls.IDLE_EACH, MANY),
    Case(polls.IDLE_EACH, MOST),
    Case(polls.IDLE_ONE, MANY),
    Case(polls.SINCE_EACH, FEW),
    Case(polls.FEW_EACH, FEW),
    Case(polls.FEW_EACH, MANY),
    Case(polls.FIRST, FEW),
    Case(polls.FIRST, MANY),
    Case(polls.TYPE, FEW),
    Case(polls.THOUSAND, FEW),
)
