"""What an Import RPC reads together and writes together. Knows no aggregate."""

import asyncio
from collections import deque
from collections.abc import (
    AsyncIterable,
    Awaitable,
    Callable,
    Hashable,
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

from comptoir.type.v1 import rejection_pb2 as pb

from chassis.errors import AppError

# A chunk is one transaction, and all of it lies in memory.
CHUNK_BYTES_MAX = 4 << 20
MESSAGE_LENGTH_MAX = 500


class Item(Protocol):
    """A message of the stream, as protobuf makes them."""

    number: int

    def ByteSize(self) -> int: ...  # noqa: N802 (protobuf names it)


V = TypeVar("V")

# Whether an item changed something, or why it was refused.
Outcome: TypeAlias = bool | AppError


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

    def take(self, item: Item, check: Callable[[Any], V]) -> None:
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


class Reading:
    """The items of a stream, in chunks.

    A read goes on when silence ends a chunk: cancelled, it would lose its message.
    """

    def __init__(
        self,
        messages: AsyncIterable[Any],
        unfold: Callable[[Any], Iterable[Item]],
        count_max: int,
        quiet_s: float,
    ) -> None:
        self._messages = aiter(messages)
        self._unfold = unfold
        self._count_max = count_max
        self._quiet_s = quiet_s
        self._items: Iterator[Item] = iter(())
        self._read: asyncio.Task[Any] | None = None
        self.ended = False

    def begin(self, check: Callable[[Any], V]) -> "asyncio.Task[Chunk[V]]":
        """What comes next; empty only at the end."""
        return asyncio.create_task(self._chunk(check))

    def close(self) -> None:
        if self._read is not None:
            self._read.cancel()

    async def _chunk(self, check: Callable[[Any], V]) -> "Chunk[V]":
        chunk = Chunk[V]()
        while True:
            for item in self._items:
                chunk.take(item, check)
                if chunk.read_count >= self._count_max or chunk.size_bytes >= CHUNK_BYTES_MAX:
                    return chunk
            message = await self._next(self._quiet_s if chunk.read_count else None)
            if message is None:
                return chunk
            self._items = iter(self._unfold(message))

    async def _next(self, timeout_s: float | None) -> Any:
        """None after `timeout_s`, and at the end."""
        if self._read is None:
            self._read = asyncio.ensure_future(anext_or_none(self._messages))
        done, _ = await asyncio.wait([self._read], timeout=timeout_s)
        if not done:
            return None
        message, self._read = self._read.result(), None
        self.ended = message is None
        return message


class Writing(Generic[V]):
    """Chunks being written, in the order in which they were read."""

    def __init__(
        self,
        write: Callable[[Sequence[V]], Awaitable[Sequence[Outcome]]],
        key: Callable[[V], Hashable],
    ) -> None:
        self._write = write
        self._key = key
        self.under_way: deque[tuple[asyncio.Task[Chunk[V]], set[Hashable]]] = deque()
        self.begun_count = 0

    @property
    def first(self) -> "asyncio.Task[Chunk[V]] | None":
        return self.under_way[0][0] if self.under_way else None

    def begin(self, chunk: "Chunk[V]") -> None:
        keys = {self._key(value) for value in chunk.values}
        before = [task for task, theirs in self.under_way if not theirs.isdisjoint(keys)]
        self.under_way.append((asyncio.create_task(self._written(chunk, before)), keys))
        self.begun_count += 1

    def take(self) -> "Chunk[V]":
        """The first, which is done. Raises what its write raised."""
        task, _ = self.under_way.popleft()
        return task.result()

    async def _written(
        self, chunk: "Chunk[V]", before: Sequence["asyncio.Task[Chunk[V]]"]
    ) -> "Chunk[V]":
        await asyncio.gather(*before)
        if chunk.values:
            chunk.settle(await self._write(chunk.values))
        return chunk


async def anext_or_none(messages: AsyncIterable[Any]) -> Any:
    async for message in messages:
        return message
    return None


def rejection_to_pb(number: int, error: AppError) -> pb.Rejection:
    fields = "".join(f"; {v.field}: {v.description}" for v in error.violations)
    message = f"{error}{fields}"[:MESSAGE_LENGTH_MAX]
    return pb.Rejection(number=number, reason=error.reason, message=message)
