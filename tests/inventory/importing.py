"""Streams of what is taken in, and what their answers come to."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable
from typing import Protocol, TypeVar

from comptoir.type.v1 import rejection_pb2

T = TypeVar("T")


class Step(Protocol):
    @property
    def progress(self) -> rejection_pb2.ImportProgress: ...


async def iter_of(items: Iterable[T]) -> AsyncIterator[T]:
    for item in items:
        yield item


async def last_progress(call: AsyncIterable[Step]) -> rejection_pb2.ImportProgress:
    """The last answer of an import, with the rejections of all."""
    last, rejections = rejection_pb2.ImportProgress(), list[rejection_pb2.Rejection]()
    async for step in call:
        last = step.progress
        rejections += last.rejections
    return rejection_pb2.ImportProgress(
        read_count=last.read_count,
        written_count=last.written_count,
        unchanged_count=last.unchanged_count,
        rejections=rejections,
    )
