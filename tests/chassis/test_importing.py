"""The loop of every Import RPC: what is answered when, and what a bad item does."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import pytest
from comptoir.type.v1.rejection_pb2 import ImportProgress

from chassis.errors import AppError, Kind, Violation
from chassis.import_chunks import CHUNK_BYTES_MAX
from chassis.importing import CHUNK_COUNT_MAX, Outcome, imported


class OddError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "ODD"


class LostError(AppError):
    kind, reason = Kind.UNAVAILABLE, "LOST"


@dataclass
class Item:
    number: int
    size_bytes: int = 1

    def ByteSize(self) -> int:
        return self.size_bytes


def even(item: Item) -> int:
    if item.number % 2:
        raise OddError("it is odd", violations=(Violation("number", "add one"),))
    return item.number


async def all_new(values: Sequence[int]) -> Sequence[Outcome]:
    return [True] * len(values)


async def stream(*items: Item) -> AsyncIterator[Item]:
    for item in items:
        yield item


async def progress_of(
    items: AsyncIterator[Item], write: object = all_new, quiet_s: float = 0.2
) -> list[ImportProgress]:
    answers = imported(items, check=even, write=write, quiet_s=quiet_s)  # type: ignore[arg-type]
    async with aclosing(answers):
        return [answer async for answer in answers]


async def test_an_empty_stream_is_answered() -> None:
    assert await progress_of(stream()) == [ImportProgress()]


async def test_each_item_is_counted_as_what_became_of_it() -> None:
    async def write(values: Sequence[int]) -> Sequence[Outcome]:
        return [OddError("too late") if value == 4 else value == 2 for value in values]

    [answer] = await progress_of(stream(*map(Item, (2, 4, 5, 6))), write)

    assert (answer.read_count, answer.written_count, answer.unchanged_count) == (4, 1, 1)
    assert [rejection.number for rejection in answer.rejections] == [4, 5]


async def test_a_rejection_says_what_to_do() -> None:
    [answer] = await progress_of(stream(Item(3)))

    [rejection] = answer.rejections
    assert (rejection.number, rejection.reason) == (3, "ODD")
    assert rejection.message == "it is odd; number: add one"


async def test_counts_grow_and_rejections_are_told_once() -> None:
    items = [Item(1), *(Item(2) for _ in range(CHUNK_COUNT_MAX)), Item(3)]
    answers = await progress_of(stream(*items))

    assert [answer.read_count for answer in answers] == [CHUNK_COUNT_MAX, CHUNK_COUNT_MAX + 2]
    assert [[r.number for r in answer.rejections] for answer in answers] == [[1], [3]]


async def test_a_full_last_chunk_is_answered_once() -> None:
    answers = await progress_of(stream(*(Item(2) for _ in range(CHUNK_COUNT_MAX))))

    assert [answer.read_count for answer in answers] == [CHUNK_COUNT_MAX]


async def test_large_items_fill_a_chunk() -> None:
    answers = await progress_of(stream(Item(2, CHUNK_BYTES_MAX), Item(4)))

    assert [answer.read_count for answer in answers] == [1, 2]


async def test_silence_ends_a_chunk_and_loses_no_item() -> None:
    answered = asyncio.Event()

    async def slow() -> AsyncIterator[Item]:
        yield Item(2)
        await answered.wait()
        yield Item(4)

    counts = []
    async with aclosing(imported(slow(), check=even, write=all_new, quiet_s=0.001)) as answers:
        async for answer in answers:
            counts.append(answer.read_count)
            answered.set()

    assert counts == [1, 2]


async def test_a_write_that_fails_ends_the_stream() -> None:
    async def write(values: Sequence[int]) -> Sequence[Outcome]:
        raise LostError("the engine is away")

    with pytest.raises(LostError):
        await progress_of(stream(Item(2)), write)


async def test_a_sender_that_breaks_off_ends_the_stream() -> None:
    async def broken() -> AsyncIterator[Item]:
        yield Item(2)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await progress_of(broken())


async def test_closing_stops_the_read_under_way() -> None:
    stopped = asyncio.Event()

    async def endless() -> AsyncIterator[Item]:
        yield Item(2)
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    async with aclosing(imported(endless(), check=even, write=all_new, quiet_s=0.001)) as answers:
        await anext(answers)

    await stopped.wait()


@dataclass
class Crate:
    """A message of many items."""

    items: list[Item]


async def crates(*numbers: list[int]) -> AsyncIterator[Crate]:
    for each in numbers:
        yield Crate([Item(number) for number in each])


def items_in(crate: Crate) -> list[Item]:
    return crate.items


class Engine:
    """Writes when it is told to; `busy` is set while `busy_count` chunks are being written."""

    def __init__(self, *, busy_count: int) -> None:
        self.busy = asyncio.Event()
        self.busy_count = busy_count
        self.under_way: list[list[int]] = []
        self.at_once: list[int] = []
        self.done = asyncio.Semaphore(0)

    async def write(self, values: Sequence[int]) -> Sequence[Outcome]:
        self.under_way.append(list(values))
        self.at_once.append(len(self.under_way))
        if len(self.under_way) == self.busy_count:
            self.busy.set()
        await self.done.acquire()
        self.under_way.remove(list(values))
        return [True] * len(values)


async def test_items_of_one_message_go_into_as_many_chunks_as_they_need() -> None:
    written: list[list[int]] = []

    async def write(values: Sequence[int]) -> Sequence[Outcome]:
        written.append(list(values))
        return [True] * len(values)

    steps = imported(
        crates([2, 4, 6, 8, 10], [12]), unfold=items_in, check=even, write=write, count_max=4
    )
    async with aclosing(steps) as answers:
        counts = [answer.read_count async for answer in answers]

    assert (written, counts) == ([[2, 4, 6, 8], [10, 12]], [4, 6])


async def test_several_chunks_are_written_at_once_and_answered_in_order() -> None:
    engine = Engine(busy_count=3)
    numbers = [[2 * n] for n in range(6)]
    steps = imported(
        crates(*numbers), unfold=items_in, check=even, write=engine.write, count_max=1, at_once=3
    )
    async with asyncio.timeout(10), aclosing(steps) as answers:
        reading = asyncio.ensure_future(anext(answers))
        await engine.busy.wait()
        for _ in numbers:
            engine.done.release()
        first = await reading
        counts = [first.read_count, *[answer.read_count async for answer in answers]]

    assert (max(engine.at_once), counts) == (3, [1, 2, 3, 4, 5, 6])


async def test_a_chunk_waits_for_one_before_it_that_has_a_key_of_its_own() -> None:
    engine = Engine(busy_count=2)
    steps = imported(
        crates([2], [2], [4]),
        unfold=items_in,
        check=even,
        write=engine.write,
        key=lambda number: number,
        count_max=1,
        at_once=3,
    )
    async with asyncio.timeout(10), aclosing(steps) as answers:
        reading = asyncio.ensure_future(anext(answers))
        await engine.busy.wait()
        together = list(engine.under_way)
        for _ in range(3):
            engine.done.release()
        await reading
        counts = [answer.read_count async for answer in answers]

    assert (together, counts) == ([[2], [4]], [2, 3])


async def test_a_sender_that_waits_is_answered_while_it_does() -> None:
    answered = asyncio.Event()

    async def patient() -> AsyncIterator[Item]:
        yield Item(2)
        await answered.wait()

    steps = imported(patient(), check=even, write=all_new, at_once=2, quiet_s=0.001)
    async with asyncio.timeout(10), aclosing(steps) as answers:
        async for answer in answers:
            assert answer.read_count == 1
            answered.set()
