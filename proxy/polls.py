"""Who shares a call.

While a call is in flight, the polls that arrive wait for the next one and go together. So a poll never joins a call
that began before it arrived, and nobody is told of a time before their own request.
"""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import ExitStack

from proxy import request_id
from proxy.admission import PATIENCE_SECONDS, Admission, Shedding
from proxy.metrics import Metrics
from proxy.patience import Patience, Wait
from proxy.postgrest import Alone, Answer, CallFailed, Page, PostgREST, written
from proxy.problems import Kind, Problem
from proxy.query import EventsQuery

# Of JSON: as base64 a third more, in a line of which PostgREST reads at most 50 kB.
_MOST_BYTES_IN_A_CALL = 24_000
_MOST_UNDER_WAY = 5000
_LARGE_PAGES_AT_ONCE = 4
# Seconds before a poll is asked again of a standby that had not replayed yet what its cursor has seen.
_PAUSES = (0.05, 0.15, 0.4)

_Waiter = asyncio.Future[Page | Exception]


class Polls:
    """Answers polls over `postgrest`: those that follow a session in shared calls, `places` others each in its own.

    A request gets `request_timeout` seconds, a shared call has `most` polls at most; for `works` see Patience.
    """

    def __init__(
        self,
        postgrest: PostgREST,
        metrics: Metrics,
        *,
        places: int,
        most: int,
        request_timeout: float,
        works: Callable[[float], asyncio.Task[bool]],
    ) -> None:
        self.shedding = Shedding()
        self._postgrest = postgrest
        self._metrics = metrics
        self._request_timeout = request_timeout
        self._patience = Patience(works, request_timeout)
        self._most = most
        self._places = Admission(places, self.shedding)
        self._large_pages = Admission(_LARGE_PAGES_AT_ONCE, self.shedding)
        # The places of large pages that somebody still has.
        self._held: dict[Page, ExitStack] = {}
        # Those that may still be joined, by what they ask.
        self._together: dict[EventsQuery, _Poll] = {}
        self._alone: dict[EventsQuery, _Poll] = {}
        self._sharing = False
        self._under_way = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def page(self, query: EventsQuery) -> Page:
        """The answer to one request, who must `let_go` of it; one that left costs the others nothing.

        Raises:
            Problem: the database's, or overloaded, or timeout.
        """
        if self._under_way >= _MOST_UNDER_WAY:
            raise self.shedding.refusal()
        loop = asyncio.get_running_loop()
        waiter: _Waiter = loop.create_future()
        timer = loop.call_later(self._request_timeout, _tell, waiter, Problem(Kind.TIMEOUT))
        self._join(query).waiters[waiter] = request_id.CURRENT.get()
        self._under_way += 1
        try:
            answer = await waiter
        finally:
            self._under_way -= 1
            timer.cancel()
        if isinstance(answer, Page):
            return answer
        # Others raise the same, each with a traceback of their own.
        raise answer.with_traceback(None)

    def let_go(self, page: Page) -> None:
        """Takes note that one of those who have a page has sent it; a large one keeps its place until all have."""
        page.holders -= 1
        if not page.holders and page in self._held:
            self._held.pop(page).close()

    def _join(self, query: EventsQuery) -> "_Poll":
        """The poll for a query that waits already, or a new one."""
        poll = self._alone.get(query) or self._together.get(query)
        if poll is not None:
            self._metrics.joined.add()
        else:
            poll = _Poll(query)
            self._enter(poll)
        return poll

    def _enter(self, poll: "_Poll") -> None:
        """Puts a poll among those that wait. Who follows has little to be told, as a rule, and goes with others."""
        if poll.query.cursor or poll.query.since:
            self._together[poll.query] = poll
            self._count_waiting()
            if self._sharing:
                poll.timer = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._give_up, poll)
            else:
                self._sharing = True
                self._start(self._share())
        else:
            self._leave(poll)

    def _ask_again(self, poll: "_Poll") -> None:
        """Asks a poll once more, with an equal one if that waits already."""
        if waiting := self._alone.get(poll.query) or self._together.get(poll.query):
            waiting.waiters |= poll.waiters
        else:
            self._enter(poll)

    def _give_up(self, poll: "_Poll") -> None:
        """Refuses a poll that waits too long for the next shared call."""
        del self._together[poll.query]
        self._count_waiting()
        poll.tell(self.shedding.refusal())

    async def _share(self) -> None:
        """Asks together what waits, until nothing does."""
        while polls := self._next():
            await self._ask_together(polls)
        self._sharing = False

    def _next(self) -> "list[_Poll]":
        """As many of those that wait as may share a call, the oldest first; nobody can join them any more."""
        polls: list[_Poll] = []
        size = 0
        for poll in self._together.values():
            size += len(written(poll.query))
            if polls and (len(polls) == self._most or size > _MOST_BYTES_IN_A_CALL):
                break
            polls.append(poll)
        for poll in polls:
            del self._together[poll.query]
            if poll.timer:
                poll.timer.cancel()
        self._count_waiting()
        return polls

    async def _ask_together(self, polls: "list[_Poll]") -> None:
        request_id.CURRENT.set(" ".join(poll.request_ids for poll in polls))
        answers: Sequence[Answer | Exception]
        try:
            async with self._patience.limit():
                answers = await self._postgrest.answer([poll.query for poll in polls])
        except CallFailed as failure:
            # One poll may be to blame, and must not fail the others.
            answers = [Alone.ALONE if len(polls) > 1 else failure] * len(polls)
        except Exception as error:
            answers = [error] * len(polls)
        for poll, answer in zip(polls, answers, strict=True):
            self._tell(poll, answer)

    def _leave(self, poll: "_Poll") -> None:
        """Lets a poll go by itself, with an equal one if that still waits."""
        if waiting := self._alone.get(poll.query):
            waiting.waiters |= poll.waiters
        else:
            self._alone[poll.query] = poll
            self._count_waiting()
            self._start(self._ask_alone(poll))

    async def _ask_alone(self, poll: "_Poll") -> None:
        answer: Answer | Exception
        try:
            async with self._places.place():
                del self._alone[poll.query]
                self._count_waiting()
                request_id.CURRENT.set(poll.request_ids)
                async with self._patience.limit() as wait:
                    answer = await self._answer_alone(poll.query, wait)
        except Exception as error:
            if self._alone.get(poll.query) is poll:
                del self._alone[poll.query]
                self._count_waiting()
            answer = error
        self._tell(poll, answer)

    async def _answer_alone(self, query: EventsQuery, wait: Wait) -> Answer:
        with ExitStack() as held:

            async def _on_large() -> None:
                wait.ends()
                await self._large_pages.acquire()
                held.callback(self._large_pages.release)

            answer = await self._postgrest.answer_alone(query, on_large=_on_large)
            if isinstance(answer, Page) and answer.large:
                self._held[answer] = held.pop_all()
            return answer

    def _tell(self, poll: "_Poll", answer: Answer | Exception) -> None:
        if isinstance(answer, Alone):
            self._leave(poll)
            return
        if isinstance(answer, Problem) and answer.kind is Kind.BEHIND:
            pause = next(poll.pauses, None)
            if pause is not None:
                asyncio.get_running_loop().call_later(pause, self._ask_again, poll)
                return
        if isinstance(answer, Problem) and answer.kind is Kind.OVERLOADED:
            self.shedding.begin()
        told = poll.tell(answer)
        if isinstance(answer, Page):
            answer.holders = told + 1
            self.let_go(answer)

    def _count_waiting(self) -> None:
        self._metrics.waiting.set(len(self._together), "shared")
        self._metrics.waiting.set(len(self._alone), "alone")

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Poll:
    """A question, and who waits for its answer: each with the id of their request."""

    __slots__ = ("pauses", "query", "timer", "waiters")

    def __init__(self, query: EventsQuery) -> None:
        self.query = query
        self.waiters: dict[_Waiter, str] = {}
        self.timer: asyncio.TimerHandle | None = None
        self.pauses = iter(_PAUSES)

    @property
    def request_ids(self) -> str:
        """The ids of all the requests, for the log."""
        return " ".join(self.waiters.values())

    def tell(self, answer: Page | Exception) -> int:
        """Hands the answer to all who still wait; how many these are."""
        return sum(_tell(waiter, answer) for waiter in self.waiters)


def _tell(waiter: _Waiter, answer: Page | Exception) -> bool:
    """Whether somebody still waited."""
    waits = not waiter.done()
    if waits:
        waiter.set_result(answer)
    return waits
