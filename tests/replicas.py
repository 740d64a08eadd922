"""Two record stores on one database, taken in turn: what one process queues, two still race for."""

from collections.abc import Iterable, Sequence
from itertools import cycle
from typing import Any, TypeVar

from chassis.records import Change, Key, Kind, Outcome, Records, Ref, Unreadable, Update, Where
from chassis.requests import Request

A = TypeVar("A")
R = TypeVar("R")


class Replicas:
    def __init__(self, *stores: Records) -> None:
        self._stores = stores
        self._next = cycle(stores)

    async def ensure_indexes(self) -> None:
        await self._stores[0].ensure_indexes()

    async def tend(self) -> None:
        await self._stores[0].tend()

    async def find(self, kind: Kind[R], key: Key) -> R | None:
        return await next(self._next).find(kind, key)

    async def find_many(self, kind: Kind[R], keys: Iterable[Key]) -> dict[Key, R]:
        return await next(self._next).find_many(kind, keys)

    async def select(
        self, kind: Kind[R], where: Where, *, unreadable: Unreadable | None = None
    ) -> list[R]:
        return await next(self._next).select(kind, where, unreadable=unreadable)

    async def update(
        self,
        refs: Iterable[Ref[Any]],
        change: Change[A],
        *,
        answer: type[A],
        request: Request | None = None,
        timeout_s: float,
    ) -> A:
        return await next(self._next).update(
            refs, change, answer=answer, request=request, timeout_s=timeout_s
        )

    async def update_all(
        self,
        updates: Sequence[Update[Any]],
        *,
        timeout_s: float,
        patience_s: float | None = None,
    ) -> list[Outcome]:
        store = next(self._next)
        return await store.update_all(updates, timeout_s=timeout_s, patience_s=patience_s)

    async def cancel(self, request: Request, *, timeout_s: float) -> bool:
        return await next(self._next).cancel(request, timeout_s=timeout_s)
