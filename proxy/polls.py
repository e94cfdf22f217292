"""Who shares a call.

While a call is in flight, the polls that arrive wait for the next one and go together. So a poll never joins a call
that began before it arrived, and nobody is told of a time before their own request.
"""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from proxy import request_id
from proxy.admission import PATIENCE_SECONDS, Admission, Shedding
from proxy.metrics import Metrics
from proxy.postgrest import Answer, CallFailed, Page, PostgREST, Way, written
from proxy.problems import Kind, Problem
from proxy.query import EventsQuery

# Of JSON: as base64 a third more, in a line of which PostgREST reads at most 50 kB.
_MOST_BYTES_IN_A_CALL = 24_000
_MOST_UNDER_WAY = 5000
_LARGE_PAGES_AT_ONCE = 4
# In seconds: who asks for no large page knows within five. A shared call that takes longer is given up before those
# who wait for the next one are, for one poll may be to blame; then each goes by itself.
MOST_SECONDS = 4.5
_MOST_SECONDS_SHARED = 1.8
# Seconds before a poll is asked again of a server that did not show yet what its cursor has seen.
_PAUSES = (0.05, 0.15, 0.4)


class Polls:
    """Answers polls over `postgrest`: those that follow a session in shared calls, `places` others each in its own.

    A request for a large page gets `request_timeout` seconds, a shared call has `most` polls at most.
    """

    def __init__(
        self,
        postgrest: PostgREST,
        metrics: Metrics,
        *,
        places: int,
        most: int,
        request_timeout: float,
    ) -> None:
        self.shedding = Shedding()
        self._postgrest = postgrest
        self._metrics = metrics
        self._request_timeout = request_timeout
        self._seconds = min(MOST_SECONDS, request_timeout)
        self._most = most
        self._places = Admission(places, self.shedding)
        self._large_pages = Admission(_LARGE_PAGES_AT_ONCE, self.shedding)
        # The places of large pages that somebody still has.
        self._held: dict[Page, ExitStack] = {}
        # Those that may still be joined, by what they ask.
        self._waiting: dict[Way, dict[EventsQuery, _Poll]] = {way: {} for way in Way}
        self._together = self._waiting[Way.SHARED]
        self._alone = self._waiting[Way.ALONE]
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
        waiter = _Waiter(self._seconds)
        self._join(query).waiters.append(waiter)
        self._under_way += 1
        try:
            answer = await waiter.answer
        finally:
            self._under_way -= 1
            waiter.timer.cancel()
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
            self._count_waiting(Way.SHARED)
            if self._sharing:
                poll.timer = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, self._give_up, poll)
            else:
                self._sharing = True
                self._start(self._share())
        else:
            self._leave(poll, Way.ALONE)

    def _ask_again(self, poll: "_Poll") -> None:
        """Asks a poll once more, with an equal one if that waits already."""
        if waiting := self._alone.get(poll.query) or self._together.get(poll.query):
            waiting.waiters += poll.waiters
        else:
            self._enter(poll)

    def _give_up(self, poll: "_Poll") -> None:
        """Refuses a poll that waits too long for the next shared call."""
        del self._together[poll.query]
        self._count_waiting(Way.SHARED)
        poll.tell(self.shedding.refusal())

    async def _share(self) -> None:
        """Asks together what waits, until nothing does, or until a call is given up: another task goes on then."""
        while polls := self._next():
            if not await self._ask_together(polls):
                return
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
        self._count_waiting(Way.SHARED)
        return polls

    async def _ask_together(self, polls: "list[_Poll]") -> bool:
        """Asks polls in one call; whether that was answered before it was given up."""
        request_id.CURRENT.set(" ".join(poll.request_ids for poll in polls))
        call = _SharedCall(polls)
        timer = asyncio.get_running_loop().call_later(_MOST_SECONDS_SHARED, self._give_up_call, call)
        answers = await self._call_together([poll.query for poll in polls])
        timer.cancel()
        if call.ended:
            call.ended.set_result(None)
            return False
        for poll, answer in zip(polls, answers, strict=True):
            self._tell(poll, answer)
        return True

    def _give_up_call(self, call: "_SharedCall") -> None:
        call.ended = asyncio.get_running_loop().create_future()
        self._start(self._share_beside(call, call.ended))

    async def _share_beside(self, call: "_SharedCall", ended: asyncio.Future[None]) -> None:
        """Goes on with what waits, once a call that goes on in PostgreSQL has the place of one that goes alone."""
        # Before those who are told to go alone, who need one too.
        place = asyncio.create_task(self._places.wait())
        for poll in call.polls:
            self._tell(poll, Way.ALONE)
        await asyncio.wait([ended, place], return_when=asyncio.FIRST_COMPLETED)
        if place.done():
            ended.add_done_callback(lambda _: self._places.release())
        else:
            place.cancel()
        await self._share()

    async def _call_together(self, queries: list[EventsQuery]) -> Sequence[Answer | Exception]:
        try:
            async with asyncio.timeout(self._request_timeout):
                return await self._postgrest.answer(queries)
        except TimeoutError:
            return [Problem(Kind.TIMEOUT)] * len(queries)
        except CallFailed as failure:
            # One poll may be to blame, and must not fail the others.
            return [Way.ALONE if len(queries) > 1 else failure] * len(queries)
        except Exception as error:
            return [error] * len(queries)

    def _leave(self, poll: "_Poll", way: Way) -> None:
        """Lets a poll go by itself, with an equal one if that still waits."""
        if way is Way.LARGE:
            poll.wait_for(self._request_timeout)
        if waiting := self._waiting[way].get(poll.query):
            waiting.waiters += poll.waiters
        else:
            self._waiting[way][poll.query] = poll
            self._count_waiting(way)
            self._start(self._ask_apart(poll, way))

    async def _ask_apart(self, poll: "_Poll", way: Way) -> None:
        """Asks a poll in a call of its own, if somebody still waits for the answer when it gets a place.

        It keeps that until the call ends: PostgreSQL works on when nobody waits any more.
        """
        answer: Answer | Exception
        try:
            with ExitStack() as held:
                if way is Way.LARGE:
                    await self._large_pages.acquire()
                    held.callback(self._large_pages.release)
                async with self._places.place():
                    self._begin(poll, way)
                    if not poll.is_awaited:
                        return
                    request_id.CURRENT.set(poll.request_ids)
                    async with asyncio.timeout(self._request_timeout):
                        answer = await self._postgrest.answer_alone(poll.query, way)
                if way is Way.LARGE and isinstance(answer, Page):
                    self._held[answer] = held.pop_all()
        except TimeoutError:
            answer = Problem(Kind.TIMEOUT)
        except Exception as error:
            answer = error
            self._begin(poll, way)
        self._tell(poll, answer)

    def _begin(self, poll: "_Poll", way: Way) -> None:
        """Lets nobody join a poll any more."""
        if self._waiting[way].get(poll.query) is poll:
            del self._waiting[way][poll.query]
            self._count_waiting(way)

    def _tell(self, poll: "_Poll", answer: Answer | Exception) -> None:
        if isinstance(answer, Way):
            self._leave(poll, answer)
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

    def _count_waiting(self, way: Way) -> None:
        self._metrics.waiting.set(len(self._waiting[way]), way)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@dataclass(slots=True)
class _SharedCall:
    """A call for several polls; `ended` is there once it was given up, and done when it has ended all the same."""

    polls: "list[_Poll]"
    ended: asyncio.Future[None] | None = None


class _Waiter:
    """Who waits for an answer, until their time is up."""

    __slots__ = ("answer", "request_id", "timer")

    def __init__(self, seconds: float) -> None:
        self.answer: asyncio.Future[Page | Exception] = asyncio.get_running_loop().create_future()
        self.request_id = request_id.CURRENT.get()
        self.wait_for(seconds)

    def wait_for(self, seconds: float) -> None:
        """Waits so long from now on."""
        self.timer = self.answer.get_loop().call_later(seconds, self._give_up)

    def tell(self, answer: Page | Exception) -> bool:
        """Whether somebody still waited."""
        waits = not self.answer.done()
        if waits:
            self.answer.set_result(answer)
        return waits

    def _give_up(self) -> None:
        # Made only now: most never need one.
        self.tell(Problem(Kind.TIMEOUT))


class _Poll:
    """A question, and who waits for its answer."""

    __slots__ = ("pauses", "query", "timer", "waiters")

    def __init__(self, query: EventsQuery) -> None:
        self.query = query
        self.waiters: list[_Waiter] = []
        self.timer: asyncio.TimerHandle | None = None
        self.pauses = iter(_PAUSES)

    @property
    def request_ids(self) -> str:
        """The ids of all the requests, for the log."""
        return " ".join(waiter.request_id for waiter in self.waiters)

    @property
    def is_awaited(self) -> bool:
        """Whether anybody still waits for the answer."""
        return not all(waiter.answer.done() for waiter in self.waiters)

    def wait_for(self, seconds: float) -> None:
        """Lets all wait so long from now on."""
        for waiter in self.waiters:
            waiter.timer.cancel()
            if not waiter.answer.done():
                waiter.wait_for(seconds)

    def tell(self, answer: Page | Exception) -> int:
        """Hands the answer to all who still wait; how many these are."""
        return sum(waiter.tell(answer) for waiter in self.waiters)
