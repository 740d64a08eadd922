"""Group commit: what comes while one batch is written goes into the next.

Nobody waits who is alone. Those who come together are decided in the order in which they
came, and share one transaction, its round trips and its wait for the disk. Knows no record:
slots, promotion uses and envelopes can be written by it as stock is.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from contextvars import Context
from copy import copy
from dataclasses import dataclass
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, Gauge, Histogram

from chassis import tracing
from chassis.errors import AppError, Kind
from chassis.records import Change, HeldUpError, Outcome, Records, Ref, Update
from chassis.requests import Request

A = TypeVar("A")
T = TypeVar("T")

# Records that one transaction reads: with more of them it takes so long that it loses against
# those of other replicas, and its own latency is felt.
BATCH_REFS_MAX = 1000
# What a transaction costs by itself, about; and by how much more is tried after each that was
# in time.
BATCH_REFS_MIN, BATCH_REFS_STEP = 16, 64
# What a slow engine writes within WRITE_S; more would wait only to be told that it was too long.
WAITING_MAX = 2048
WRITE_S = 2.0
RETRY_S = 0.2
BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


class TooManyWritesError(AppError):
    kind, reason = Kind.RESOURCE_EXHAUSTED, "TOO_MANY_WRITES"


class NotBegunError(AppError):
    """The caller's time was up before anything was decided: nothing has happened."""

    kind, reason = Kind.DEADLINE_EXCEEDED, "NOT_BEGUN"


class WriteUnderWayError(AppError):
    """The caller's time was up while it was written: it may have happened, or may yet."""

    kind, reason = Kind.DEADLINE_EXCEEDED, "WRITE_UNDER_WAY"


class WritesEndedError(AppError):
    """The process ends: another replica takes the write."""

    kind, reason = Kind.UNAVAILABLE, "WRITES_ENDED"


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """An update that somebody waits for, by the loop's clock, and where in which trace."""

    update: Update[Any]
    ends_s: float
    place: tracing.Place | None
    outcome: "asyncio.Future[Outcome]"

    def tell(self, outcome: Outcome) -> None:
        """As a value, an error too: whoever has gone leaves none that nobody looked at."""
        if not self.outcome.done():
            self.outcome.set_result(outcome)


@asynccontextmanager
async def committing(
    records: Records, *, registry: CollectorRegistry, write_s: float = WRITE_S
) -> AsyncIterator["Committer"]:
    """One for a process. Leaves the block when all that was admitted is written."""
    committer = Committer(records, registry=registry, write_s=write_s)
    try:
        yield committer
    finally:
        await committer.close()


class Committer:
    """`Records.update` for many callers at once. See `committing`."""

    def __init__(
        self,
        records: Records,
        *,
        registry: CollectorRegistry,
        waiting_max: int = WAITING_MAX,
        write_s: float = WRITE_S,
    ) -> None:
        self._records = records
        self._waiting_max = waiting_max
        self._write_s = write_s
        self._refs_max = BATCH_REFS_MAX
        self._waiting: OrderedDict[Asked, None] = OrderedDict()
        self._writer: asyncio.Task[None] | None = None
        self._apart: set[asyncio.Task[None]] = set()
        self._is_closed = False
        waiting = Gauge("committer_waiting", "Updates that wait for a batch.", registry=registry)
        waiting.set_function(lambda: len(self._waiting))
        self._sizes = Histogram(
            "committer_batch_updates",
            "Updates that were written together.",
            buckets=BUCKETS,
            registry=registry,
        )

    @property
    def waiting_count(self) -> int:
        return len(self._waiting)

    async def update(
        self,
        refs: Iterable[Ref[Any]],
        change: Change[A],
        *,
        answer: type[A],
        request: Request | None = None,
        timeout_s: float,
    ) -> A:
        """As `Records.update`. A caller who is cancelled leaves it to be written by itself.

        Raises besides TooManyWritesError, NotBegunError and WritesEndedError, and then nothing
        has happened; WriteUnderWayError, and then it may have.
        """
        update = Update(refs=tuple(refs), change=change, answer=answer, request=request)
        asked = self._admitted(update, timeout_s)
        timer = asyncio.get_running_loop().call_at(asked.ends_s, self._time_is_up, asked)
        try:
            outcome = await asked.outcome
        finally:
            timer.cancel()
        if isinstance(outcome, Exception):
            raise outcome
        given: A = outcome
        return given

    async def close(self) -> None:
        """Admit no more, and wait for what was admitted: at the longest until its time is up."""
        self._is_closed = True
        while self._apart or self._is_writing:
            await asyncio.wait({*self._apart, *filter(None, [self._writer])})

    @property
    def _is_writing(self) -> bool:
        return self._writer is not None and not self._writer.done()

    def _admitted(self, update: Update[Any], timeout_s: float) -> Asked:
        if self._is_closed:
            raise WritesEndedError("this process writes no more", retry_after_s=RETRY_S)
        if len(self._waiting) >= self._waiting_max:
            raise TooManyWritesError(
                f"{self._waiting_max} writes wait already",
                waiting_max=self._waiting_max,
                retry_after_s=RETRY_S,
            )
        loop = asyncio.get_running_loop()
        asked = Asked(update, loop.time() + timeout_s, tracing.here(), loop.create_future())
        self._waiting[asked] = None
        if not self._is_writing:
            self._writer = begun(self._write_waiting())
        return asked

    def _time_is_up(self, asked: Asked) -> None:
        if asked in self._waiting:
            del self._waiting[asked]
            asked.tell(NotBegunError("its time was up before it was its turn"))
        else:
            asked.tell(WriteUnderWayError("it is being written, and its time is up"))

    async def _write_waiting(self) -> None:
        while batch := self._next():
            self._sizes.observe(len(batch))
            await self._write(batch)

    def _next(self) -> list[Asked]:
        """Those who wait, in the order in which they came; less those whose time is up."""
        batch, refs_count = list[Asked](), 0
        now_s = asyncio.get_running_loop().time()
        while self._waiting:
            asked = next(iter(self._waiting))
            refs_count += max(len(asked.update.refs), 1)
            if batch and refs_count > self._refs_max:
                break
            if asked.ends_s <= now_s:
                self._time_is_up(asked)
            else:
                del self._waiting[asked]
                batch.append(asked)
        return batch

    async def _write(self, batch: Sequence[Asked]) -> None:
        """Together; those whom that holds up for too long each apart, one that is alone too.

        Somebody else may hold one of their records for seconds: a replica that was stopped, a
        long transaction. Only those who want that record shall wait for it.
        """
        try:
            outcomes = await self._written(batch, self._write_s, self._write_s / 2)
        except HeldUpError:
            self._write_apart(batch)
            return
        except Exception as error:
            if is_late(error):
                self._take_less(batch)
            tell_all(batch, error)
            return
        self._fit(batch, outcomes)
        told = list(zip(batch, outcomes, strict=True))
        # Of a batch that was divided, one part may be held up where another was written.
        self._write_apart([asked for asked, outcome in told if isinstance(outcome, HeldUpError)])
        for asked, outcome in told:
            if not isinstance(outcome, HeldUpError):
                asked.tell(outcome)

    def _fit(self, batch: Sequence[Asked], outcomes: Iterable[Outcome]) -> None:
        """More is tried where all was in time; of a batch that was divided, a part may not be."""
        errors = [each for each in outcomes if is_of_the_engine(each)]
        if not errors:
            self._refs_max = min(self._refs_max + BATCH_REFS_STEP, BATCH_REFS_MAX)
        elif any(is_late(error) for error in errors):
            self._take_less(batch)

    def _take_less(self, batch: Sequence[Asked]) -> None:
        """A batch that comes late is all in vain, and who is told so comes again: with more than
        it can write in time a slow engine would write nothing."""
        refs_count = sum(len(asked.update.refs) for asked in batch)
        self._refs_max = max(min(refs_count, self._refs_max) // 2, BATCH_REFS_MIN)

    async def _written(
        self, batch: Sequence[Asked], timeout_s: float, patience_s: float | None = None
    ) -> list[Outcome]:
        """In the trace of the first that has one; under nobody's deadline or rights."""
        places = (asked.place for asked in batch if asked.place and asked.place.tracer)
        updates = [asked.update for asked in batch]
        work = self._records.update_all(updates, timeout_s=timeout_s, patience_s=patience_s)
        return await begun(work, next(places, None))

    def _write_apart(self, batch: Sequence[Asked]) -> None:
        for asked in batch:
            task = begun(self._write_alone(asked))
            self._apart.add(task)
            task.add_done_callback(self._apart.discard)

    async def _write_alone(self, asked: Asked) -> None:
        timeout_s = asked.ends_s - asyncio.get_running_loop().time()
        try:
            [outcome] = await self._written([asked], timeout_s)
        except Exception as error:
            outcome = error
        asked.tell(outcome)


def begun(work: Coroutine[Any, Any, T], place: tracing.Place | None = None) -> asyncio.Task[T]:
    """As a task that inherits nothing: the deadline and the rights of whoever happened to come
    first are not those of the others."""
    context = Context()
    context.run(tracing.go_to, place)
    return asyncio.create_task(work, context=context)


def is_of_the_engine(outcome: Outcome) -> bool:
    """Whether it was not written for want of time or of an engine; not for what it was."""
    return isinstance(outcome, AppError) and outcome.kind in (
        Kind.DEADLINE_EXCEEDED,
        Kind.UNAVAILABLE,
    )


def is_late(outcome: Outcome) -> bool:
    """Not for others, who hold what it wants: less of it would wait as long."""
    if isinstance(outcome, HeldUpError):
        return False
    return isinstance(outcome, AppError) and outcome.kind is Kind.DEADLINE_EXCEEDED


def tell_all(batch: Iterable[Asked], error: Exception) -> None:
    """Each by an error of its own: one that is raised in many places remembers them all."""
    for asked in batch:
        asked.tell(copy(error) if isinstance(error, AppError) else error)
