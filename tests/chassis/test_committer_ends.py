"""Group commit where something fails or ends: engines, neighbours, callers, the process."""

import asyncio
import math
import random
import time
from collections.abc import Sequence
from copy import copy
from functools import partial
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from chassis import tracing
from chassis.changes import Changed
from chassis.committer import (
    BATCH_REFS_MAX,
    BATCH_REFS_STEP,
    WritesEndedError,
    committing,
)
from chassis.deadline import left_s, until
from chassis.errors import AppError, Kind
from chassis.memory_records import MemoryRecords
from chassis.mongo import DatabaseTimeoutError, DatabaseUnavailableError
from chassis.records import HeldUpError, Outcome, Records, Ref, State, Update
from chassis.requests import Request
from tests.chassis.gated import (
    LONG_S,
    Gate,
    SoldOutError,
    begin,
    results,
    take,
    waiting,
    writing,
)
from tests.chassis.kept import (
    KINDS,
    LAMP,
    ROWS,
    RUG,
    Place,
    Row,
    changing,
    count,
    put,
    request_by,
)
from tests.conftest import MakeRecords


@pytest.fixture
async def store(records: MakeRecords) -> Records:
    made = await records(KINDS)
    await put(made, Row(place=LAMP, count=9), Row(place=RUG, count=9))
    return made


@pytest.fixture
def gate(store: Records) -> Gate:
    return Gate(store)


async def test_the_end_waits_for_all_that_was_admitted_and_admits_no_more(
    gate: Gate, store: Records
) -> None:
    async with committing(gate, registry=CollectorRegistry(), write_s=LONG_S) as writes:
        first = await begin(gate, writes)
        tasks = await waiting(writes, take(writes, LAMP), take(writes, LAMP))
        closing = asyncio.create_task(writes.close())
        await asyncio.sleep(0)
        with pytest.raises(WritesEndedError) as caught:
            await take(writes, LAMP)
        assert not closing.done()
        gate.open.set()
    assert caught.value.kind is Kind.UNAVAILABLE
    assert [task.done() for task in tasks] == [True, True]
    assert await results([first, *tasks]) == [8, 8, 7]
    assert await count(store, LAMP) == 7


class Away:
    """A store that fails for the batches that hold more than one, when it has written them or not.

    If it `holds_on`, what comes after such a batch waits until it may `go`.
    """

    def __init__(
        self,
        records: Records,
        error: AppError,
        *,
        is_written: bool = False,
        holds_on: bool = False,
    ) -> None:
        self._records, self._error, self._is_written = records, error, is_written
        self._holds_on = holds_on
        self.failed, self.go = asyncio.Event(), asyncio.Event()

    async def update_all(
        self, updates: Sequence[Update[Any]], *, timeout_s: float, patience_s: float | None = None
    ) -> list[Outcome]:
        if len(updates) == 1:
            if self._holds_on and self.failed.is_set():
                await self.go.wait()
            return await self._records.update_all(updates, timeout_s=timeout_s)
        if self._is_written:
            await self._records.update_all(updates, timeout_s=timeout_s)
        self.failed.set()
        raise self._error


AWAY = DatabaseUnavailableError("the database cannot be reached", where="nowhere")
LATE = DatabaseTimeoutError("the database did not finish in time")
HELD_UP = HeldUpError("others wrote the same until time was up")


@pytest.mark.parametrize("is_written", [True, False])
@pytest.mark.parametrize("error", [AWAY, LATE])
async def test_without_the_engine_each_is_told_and_may_come_again_with_its_key(
    store: Records, error: AppError, is_written: bool
) -> None:
    requests = [request_by() for _ in range(3)]
    gate = Gate(Away(store, error, is_written=is_written))
    async with writing(gate) as writes:
        first = await begin(gate, writes)
        tasks = await waiting(writes, *(take(writes, LAMP, request=each) for each in requests))
        gate.open.set()
        told = await asyncio.gather(*tasks, return_exceptions=True)
        again = [await take(writes, LAMP, request=each) for each in requests]
        assert (await first, again) == (8, [8, 7, 6])
    assert [(type(each), each.reason, each.metadata) for each in told] == 3 * [  # type: ignore[union-attr]
        (type(error), error.reason, error.metadata)
    ]
    assert len(set(map(id, told))) == 3


class Slow:
    """A store that writes three at once in time, and no more."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def update_all(
        self, updates: Sequence[Update[Any]], *, timeout_s: float, patience_s: float | None = None
    ) -> list[Outcome]:
        if len(updates) > 3:
            raise LATE
        return await self._records.update_all(updates, timeout_s=timeout_s)


async def test_what_is_too_much_for_a_slow_engine_is_halved_and_grows_again(
    store: Records,
) -> None:
    """Else it would write nothing, as long as there is more than it can write in time."""
    gate = Gate(Slow(store))
    refs = [Ref(ROWS, Place("lyon", str(n))) for n in range(BATCH_REFS_STEP // 2)]

    async with writing(gate) as writes:
        first = await begin(gate, writes)
        read = partial(writes.update, refs, changing(), answer=str, timeout_s=LONG_S)
        tasks = await waiting(writes, *(read() for _ in range(8)))
        gate.open.set()
        assert await results([first, *tasks]) == [8, *8 * [DatabaseTimeoutError]]
        tasks = [asyncio.create_task(read()) for _ in range(9)]
        assert await results(tasks) == [*4 * [DatabaseTimeoutError], *5 * ["done"]]
    assert list(map(len, gate.batches)) == [1, 8, 4, 2, 3]


class Divided:
    """A store that divides what holds more than one; the second halves come to these errors."""

    def __init__(self, records: Records, *errors: Exception) -> None:
        self._records, self._errors = records, list(errors)

    async def update_all(
        self, updates: Sequence[Update[Any]], *, timeout_s: float, patience_s: float | None = None
    ) -> list[Outcome]:
        half = len(updates) // 2 if len(updates) > 1 and self._errors else len(updates)
        written = await self._records.update_all(updates[:half], timeout_s=timeout_s)
        error = self._errors.pop(0) if half < len(updates) else None
        return [*written, *(copy(error) for _ in updates[half:])]


@pytest.mark.parametrize(
    ("error", "together_count"), [(LATE, 5), (HELD_UP, 10), (AWAY, 10), (SoldOutError("no"), 11)]
)
async def test_what_a_divided_batch_came_to_says_how_much_is_tried_next(
    store: Records, error: AppError, together_count: int
) -> None:
    """Less where a part was late, more only where all was in time: what was refused was too."""
    gate = Gate(Divided(store, LATE, error))
    refs = [Ref(ROWS, Place("lyon", str(n))) for n in range(BATCH_REFS_MAX // 20)]

    async with writing(gate) as writes:
        first = await begin(gate, writes)
        read = partial(writes.update, refs, changing(), answer=str, timeout_s=LONG_S)
        tasks = await waiting(writes, *(read() for _ in range(60)))
        gate.open.set()
        await results([first, *tasks])
    together = [count for each in gate.batches if (count := len(each)) > 1]
    assert together[:3] == [20, 10, together_count]


async def test_a_batch_that_is_held_up_for_half_its_time_is_written_one_by_one(
    store: Records,
) -> None:
    gate = Gate(Away(store, HELD_UP))
    async with writing(gate) as writes:
        first = await begin(gate, writes)
        calls = [take(writes, LAMP, request=request_by()) for _ in range(2)]
        tasks = await waiting(writes, *calls, take(writes, LAMP))
        gate.open.set()
        assert (await first, sorted(await results(tasks))) == (8, [6, 7, 8])
    assert gate.patience_s == [LONG_S / 2, LONG_S / 2, None, None, None]


async def test_the_end_waits_for_those_who_are_written_one_by_one(store: Records) -> None:
    away = Away(store, HELD_UP, holds_on=True)
    gate = Gate(away)
    async with writing(gate) as writes:
        first = await begin(gate, writes)
        tasks = await waiting(writes, *(take(writes, LAMP, request=request_by()) for _ in "12"))
        gate.open.set()
        await away.failed.wait()
        closing = asyncio.create_task(writes.close())
        assert await first == 8
        assert not closing.done()
        away.go.set()
        await closing
        assert [task.done() or task.cancelled() for task in tasks] == [True, True]
    assert await count(store, LAMP) == 7


async def test_a_batch_is_in_the_trace_of_the_first_that_has_one(gate: Gate) -> None:
    async def traced(number: int, tracer: Any) -> int:
        tracing.go_to(tracing.Place(number, number, tracer is not None, tracer))
        return await take(writes, LAMP)

    async with writing(gate) as writes:
        first = await begin(gate, writes)
        tasks = await waiting(writes, traced(1, None), traced(2, "tracer"), traced(3, "tracer"))
        gate.open.set()
        assert await results([first, *tasks]) == [8, 8, 7, 6]
    assert [place and place.trace_id for place in gate.places] == [None, 2]


async def test_nobody_is_written_under_the_deadline_of_who_came_first() -> None:
    seen = list[float]()

    def look(state: State) -> Changed[str]:
        seen.append(left_s(math.inf))
        return Changed(answer="done")

    async with writing(MemoryRecords(KINDS)) as writes:
        with until(time.monotonic() + 1000):
            await writes.update([], look, answer=str, timeout_s=LONG_S)
    assert seen == [math.inf]


@pytest.mark.parametrize("seed", range(3))
async def test_of_many_at_once_some_of_whom_go_no_unit_is_taken_twice(
    store: Records, seed: int
) -> None:
    """By two committers, which race for the rows where there are two replicas."""
    chance = random.Random(seed)
    requests = [request_by() for _ in range(60)]
    orders = [chance.choice([(LAMP,), (RUG,), (LAMP, RUG), (RUG, LAMP)]) for _ in requests]
    async with writing(store) as one, writing(store) as other:
        tasks = [
            asyncio.create_task(take(chance.choice([one, other]), *places, request=request))
            for places, request in zip(orders, requests, strict=True)
        ]
        for task in chance.sample(tasks, 20):
            for _ in range(chance.randrange(30)):
                await asyncio.sleep(0)
            task.cancel()
        told = await results(tasks)
    again = [await outcome(store, *each) for each in zip(orders, requests, strict=True)]

    sold = [places for places, left in zip(orders, again, strict=True) if left is not None]
    assert all(
        told_left == left
        for told_left, left in zip(told, again, strict=True)
        if isinstance(told_left, int)
    )
    for place in (LAMP, RUG):
        assert 9 - await count(store, place) == sum(place in places for places in sold)


async def outcome(store: Records, places: tuple[Place, ...], request: Request) -> int | None:
    """What is left after it was done, once or now; None where it is refused."""
    try:
        return await take(store, *places, request=request)
    except SoldOutError:
        return None
