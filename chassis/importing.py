"""The loop of every Import RPC: items in, written in chunks, progress out. Knows no aggregate."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    Awaitable,
    Callable,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from comptoir.type.v1 import rejection_pb2 as pb

from chassis.changes import Changed, Event
from chassis.errors import AppError
from chassis.records import Key, Kind, Records, Ref, State

CHUNK_COUNT_MAX = 500
# A chunk is one transaction, and all of it lies in memory.
CHUNK_BYTES_MAX = 4 << 20
QUIET_S = 0.2
MESSAGE_LENGTH_MAX = 500


class Item(Protocol):
    """A message of the stream, as protobuf makes them."""

    number: int

    def ByteSize(self) -> int: ...  # noqa: N802 (protobuf names it)


M = TypeVar("M", bound=Item)
V = TypeVar("V")
R = TypeVar("R")

# Whether an item changed something, or why it was refused.
Outcome: TypeAlias = bool | AppError


async def imported(
    items: AsyncIterable[M],
    *,
    check: Callable[[M], V],
    write: Callable[[Sequence[V]], Awaitable[Sequence[Outcome]]],
    quiet_s: float = QUIET_S,
) -> AsyncGenerator[pb.ImportProgress, None]:
    """Write what `check` makes of the items, chunk by chunk, and tell after each.

    A chunk ends at CHUNK_COUNT_MAX items, at CHUNK_BYTES_MAX, or when nothing
    has come for `quiet_s`, so that a slow sender sees each item answered. An
    AppError of `check` rejects its item alone; one of `write` ends the stream,
    and what came before it is written: it can be begun again. `write` gets the
    checked values in order, never none, and says of each what became of it; it
    does what the last says where two have the same key (see `put_all`).
    Close it (`contextlib.aclosing`), or its last read outlives the call.
    """
    reading, progress = Reading(items, quiet_s), pb.ImportProgress()
    try:
        while not reading.ended:
            chunk = await reading.chunk(check)
            if chunk.values:
                chunk.settle(await write(chunk.values))
            if chunk.read_count or not progress.read_count:
                progress = progress_after(progress, chunk)
                yield progress
    finally:
        reading.close()


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


@dataclass(slots=True)
class Chunk(Generic[V]):
    """Items read together, and what became of them."""

    values: list[V] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    rejections: list[pb.Rejection] = field(default_factory=list)
    read_count: int = 0
    size_bytes: int = 0
    written_count: int = 0
    unchanged_count: int = 0

    @property
    def is_full(self) -> bool:
        return self.read_count >= CHUNK_COUNT_MAX or self.size_bytes >= CHUNK_BYTES_MAX

    def take(self, item: M, check: Callable[[M], V]) -> None:
        self.read_count += 1
        self.size_bytes += item.ByteSize()
        try:
            value = check(item)
        except AppError as error:
            self.rejections.append(rejection_to_pb(item.number, error))
        else:
            self.values.append(value)
            self.numbers.append(item.number)

    def settle(self, outcomes: Sequence[Outcome]) -> None:
        for number, outcome in zip(self.numbers, outcomes, strict=True):
            if isinstance(outcome, AppError):
                self.rejections.append(rejection_to_pb(number, outcome))
            elif outcome:
                self.written_count += 1
            else:
                self.unchanged_count += 1


class Reading(Generic[M]):
    """The items of a stream, in chunks.

    A read goes on when silence ends a chunk: cancelled, it would lose its item.
    """

    def __init__(self, items: AsyncIterable[M], quiet_s: float) -> None:
        self._items = aiter(items)
        self._quiet_s = quiet_s
        self._read: asyncio.Task[M | None] | None = None
        self.ended = False

    async def chunk(self, check: Callable[[M], V]) -> Chunk[V]:
        """What has come; empty only at the end."""
        chunk = Chunk[V]()
        while not chunk.is_full:
            item = await self._next(self._quiet_s if chunk.read_count else None)
            if item is None:
                break
            chunk.take(item, check)
        return chunk

    def close(self) -> None:
        if self._read is not None:
            self._read.cancel()

    async def _next(self, timeout_s: float | None) -> M | None:
        """None after `timeout_s`, and at the end."""
        if self._read is None:
            self._read = asyncio.ensure_future(anext_or_none(self._items))
        done, _ = await asyncio.wait([self._read], timeout=timeout_s)
        if not done:
            return None
        item, self._read = self._read.result(), None
        self.ended = item is None
        return item


async def anext_or_none(items: AsyncIterable[M]) -> M | None:
    async for item in items:
        return item
    return None


def progress_after(before: pb.ImportProgress, chunk: Chunk[V]) -> pb.ImportProgress:
    return pb.ImportProgress(
        read_count=before.read_count + chunk.read_count,
        written_count=before.written_count + chunk.written_count,
        unchanged_count=before.unchanged_count + chunk.unchanged_count,
        rejections=sorted(chunk.rejections, key=lambda rejection: rejection.number),
    )


def rejection_to_pb(number: int, error: AppError) -> pb.Rejection:
    fields = "".join(f"; {v.field}: {v.description}" for v in error.violations)
    message = f"{error}{fields}"[:MESSAGE_LENGTH_MAX]
    return pb.Rejection(number=number, reason=error.reason, message=message)
