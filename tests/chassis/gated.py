"""A store whose batches wait for a gate, and updates of it, for tests of group commit."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from prometheus_client import CollectorRegistry

from chassis import tracing
from chassis.changes import Changed, Event
from chassis.committer import (
    Committer,
)
from chassis.errors import AppError, Kind
from chassis.records import Change, Outcome, Records, Ref, State, Update
from chassis.requests import Request
from tests.chassis.kept import (
    ROWS,
    RUG,
    Place,
)

LONG_S = 30.0
TRAY = Place("lyon", "TRAY")


class SoldOutError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "SOLD_OUT"


class Gate:
    """A store whose batches are noted as they come, and wait until it is opened."""

    def __init__(self, records: Any) -> None:
        self._records = records
        self.batches: list[list[Any]] = []
        self.patience_s: list[float | None] = []
        self.places: list[tracing.Place | None] = []
        self.come, self.open = asyncio.Event(), asyncio.Event()

    async def update_all(
        self, updates: Sequence[Update[Any]], *, timeout_s: float, patience_s: float | None = None
    ) -> list[Outcome]:
        self.batches.append([update.refs for update in updates])
        self.patience_s.append(patience_s)
        self.places.append(tracing.here())
        self.come.set()
        await self.open.wait()
        records: Records = self._records
        return await records.update_all(updates, timeout_s=timeout_s, patience_s=patience_s)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)


@asynccontextmanager
async def writing(
    records: Any, *, waiting_max: int = 100, write_s: float = LONG_S
) -> AsyncIterator[Committer]:
    registry = CollectorRegistry()
    made = Committer(records, registry=registry, waiting_max=waiting_max, write_s=write_s)
    yield made
    await made.close()


def taken(state: State) -> Changed[int]:
    """One unit of each row that was read. Answers what is left at the first."""
    rows = state.all(ROWS)
    if any(not row.count for row in rows):
        raise SoldOutError("not enough")
    after = tuple(replace(row, count=row.count - 1) for row in rows)
    events = (Event("taken", "key", after[0].count),)
    return Changed(answer=after[0].count, records=after, events=events)


async def take(
    writes: Any,
    *places: Place,
    request: Request | None = None,
    timeout_s: float = LONG_S,
    change: Change[int] = taken,
) -> int:
    refs = [Ref(ROWS, place) for place in places]
    left: int = await writes.update(refs, change, answer=int, request=request, timeout_s=timeout_s)
    return left


async def begin(gate: Gate, writes: Committer, place: Place = RUG) -> "asyncio.Task[int]":
    """A first write, which is under way: what comes now waits."""
    first = asyncio.create_task(take(writes, place))
    await gate.come.wait()
    return first


async def waiting(writes: Committer, *calls: Any) -> list["asyncio.Task[Any]"]:
    """Calls that have come and wait, in this order."""
    tasks = [asyncio.create_task(call) for call in calls]
    before = writes.waiting_count
    while writes.waiting_count < before + len(calls):  # noqa: ASYNC110 (it tells nobody)
        await asyncio.sleep(0)
    return tasks


async def results(tasks: Sequence["asyncio.Task[Any]"]) -> list[Any]:
    """Answers, and of what failed its type."""
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    return [type(each) if isinstance(each, BaseException) else each for each in outcomes]
