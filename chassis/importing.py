"""The loop of every Import RPC: items in, written in chunks, progress out. Knows no aggregate."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Hashable,
    Iterable,
    Mapping,
    Sequence,
)
from typing import Any, TypeVar

from comptoir.type.v1 import rejection_pb2 as pb

from chassis.background import ended
from chassis.changes import Changed, Event
from chassis.errors import AppError
from chassis.import_chunks import Chunk, Item, Reading, Writing
from chassis.import_chunks import Outcome as Outcome
from chassis.records import Key, Kind, Records, Ref, State

CHUNK_COUNT_MAX = 500
QUIET_S = 0.2

V = TypeVar("V")
R = TypeVar("R")


def itself(message: Any) -> tuple[Any, ...]:
    """What a stream of one item a message is unfolded by."""
    return (message,)


async def imported(
    messages: AsyncIterable[Any],
    *,
    check: Callable[[Any], V],
    write: Callable[[Sequence[V]], Awaitable[Sequence[Outcome]]],
    unfold: Callable[[Any], Iterable[Item]] = itself,
    key: Callable[[V], Hashable] = id,
    count_max: int = CHUNK_COUNT_MAX,
    at_once: int = 1,
    quiet_s: float = QUIET_S,
) -> AsyncGenerator[pb.ImportProgress, None]:
    """Write what `check` makes of the items, chunk by chunk, and tell after each, in order.

    A chunk ends at `count_max` items, at CHUNK_BYTES_MAX, or when nothing has come
    for `quiet_s`, so that a slow sender sees each item answered. An AppError of
    `check` rejects its item alone; one of `write` ends the stream, and what came
    before it is written: it can be begun again. `write` gets the checked values in
    order, never none, and says of each what became of it; it does what the last
    says where two have the same key (see `put_all`). Where `at_once` lets several
    chunks be written together, one waits for those before it that share a `key`.
    Close it (`contextlib.aclosing`), or its last read outlives the call.
    """
    reading, writing = Reading(messages, unfold, count_max, quiet_s), Writing(write, key)
    progress = pb.ImportProgress()
    reader: asyncio.Task[Chunk[V]] | None = reading.begin(check)
    try:
        while reader is not None or writing.first is not None:
            may_read = reader is not None and len(writing.under_way) < at_once
            await first_of(reader if may_read else None, writing.first)
            if writing.first is not None and writing.first.done():
                progress = progress_after(progress, writing.take())
                yield progress
            elif reader is not None and reader.done():
                chunk = reader.result()
                if chunk.read_count or not writing.begun_count:
                    writing.begin(chunk)
                reader = None if reading.ended else reading.begin(check)
    finally:
        reading.close()
        # A write that has reached the engine ends there by itself.
        left = (reader, *(task for task, _ in writing.under_way))
        await ended(task for task in left if task is not None)


async def first_of(*tasks: "asyncio.Task[Any] | None") -> None:
    """Until one of those that are there has ended."""
    await asyncio.wait([each for each in tasks if each], return_when=asyncio.FIRST_COMPLETED)


async def put_all(
    records: Records,
    kind: Kind[R],
    values: Sequence[V],
    *,
    key: Callable[[V], Key],
    put: Callable[[R | None, V], R],
    event: Callable[[R], Event],
    timeout_s: float,
) -> list[Outcome]:
    """Put each value into the record at its key, and say of each what became of it.

    `put(before, value)` is pure: the record as it comes to stand, or `before`
    itself where it says the same already; an AppError it raises refuses that
    value alone. What stands as it came writes nothing, not even a conflict. The
    others go in one update, each record once with its event, however often its
    key came.
    """

    def left(state: State, before: Mapping[Key, R], now: Mapping[Key, R]) -> Changed[None]:
        return Changed(
            answer=None, records=tuple(now.values()), events=tuple(event(r) for r in now.values())
        )

    return await put_beside(records, kind, values, key=key, put=put, left=left, timeout_s=timeout_s)


async def put_beside(
    records: Records,
    kind: Kind[R],
    values: Sequence[V],
    *,
    key: Callable[[V], Key],
    put: Callable[[R | None, V], R],
    left: Callable[[State, Mapping[Key, R], Mapping[Key, R]], Changed[None]],
    beside: Callable[[R], Iterable[Ref[Any]]] = lambda record: (),
    timeout_s: float,
) -> list[Outcome]:
    """As `put_all`, where a record is written with others, such as the sum it goes into.

    `left(state, before, now)` is all that the write leaves behind, of the records
    that change as they were and as they are; it reads those that `beside` names.
    """
    keyed = [(key(value), value) for value in values]
    # This read decides only that nothing need be done: then it stood so when it was read.
    found = await records.find_many(kind, (at for at, _ in keyed))
    outcomes, after = applied(found, keyed, put)
    if not after:
        return outcomes
    again = [(at, value) for at, value in keyed if at in after]

    def change(state: State) -> Changed[list[Outcome]]:
        before = {at: was for at in after if (was := state.find(kind, at)) is not None}
        answer, now = applied(before, again, put)
        all_left = left(state, before, now)
        return Changed(answer=answer, records=all_left.records, events=all_left.events)

    refs = [*(Ref(kind, at) for at in after), *(r for v in after.values() for r in beside(v))]
    done = await records.update(refs, change, answer=list[Outcome], timeout_s=timeout_s)
    told, pairs = iter(done), zip(keyed, outcomes, strict=True)
    return [next(told) if at in after else outcome for (at, _), outcome in pairs]


def applied(
    before: Mapping[Key, R], keyed: Iterable[tuple[Key, V]], put: Callable[[R | None, V], R]
) -> tuple[list[Outcome], dict[Key, R]]:
    """What became of each value, one after the other, and what then differs from `before`."""
    after, outcomes = dict(before), list[Outcome]()
    for at, value in keyed:
        found = after.get(at)
        try:
            after[at] = put(found, value)
        except AppError as error:
            outcomes.append(error)
        else:
            outcomes.append(after[at] is not found)
    return outcomes, {at: r for at, r in after.items() if r is not before.get(at)}


def progress_after(before: pb.ImportProgress, chunk: Chunk[V]) -> pb.ImportProgress:
    return pb.ImportProgress(
        read_count=before.read_count + chunk.read_count,
        written_count=before.written_count + chunk.written_count,
        unchanged_count=before.unchanged_count + chunk.unchanged_count,
        rejections=sorted(chunk.rejections, key=lambda rejection: rejection.number),
    )
