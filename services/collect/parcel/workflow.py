"""Does what parcels owe to inventory, and has their orders know, whichever replica dies meanwhile.

As with orders, each task is in the parcel before it is sent, under an id made of both. Whatever
changes for the order is written with the parcel, in one transaction.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from chassis import deadline
from chassis.changes import Changed
from chassis.clock import Clock, utc_now
from chassis.errors import AppError
from chassis.records import Records, Ref
from chassis.records import State as Read
from chassis.requests import Request
from services.collect.order import bringing, holdings
from services.collect.order.domain import LEASE, LeaseLostError
from services.collect.order.domain import changed as order_changed
from services.collect.order.store import ORDERS
from services.collect.order.values import Order
from services.collect.order.workflow import AT_ONCE_MAX, REFUSALS, SWEEP_S, WRITE_S, Saga
from services.collect.parcel import domain
from services.collect.parcel.domain import UnknownParcelError
from services.collect.parcel.store import PARCELS, due, found
from services.collect.parcel.values import OVER, Parcel, Task, TaskName

log = logging.getLogger(__name__)

# Sends one task and returns what the parcel must remember of it. May be called twice.
Effect: TypeAlias = Callable[[Parcel, TaskName], Awaitable[str]]
ParcelChange: TypeAlias = Callable[[Parcel], Parcel]


class Parcels:
    """Drives parcels: those just written, and those another replica left behind."""

    def __init__(
        self,
        records: Records,
        effects: Mapping[TaskName, Effect],
        saga: Saga,
        *,
        clock: Clock = utc_now,
        lease: timedelta = LEASE,
    ) -> None:
        self._records = records
        self._effects = effects
        self._saga = saga
        self._clock = clock
        self._lease = lease
        self._driven: dict[asyncio.Task[None], str] = {}
        self._room = asyncio.Semaphore(AT_ONCE_MAX)

    async def write(
        self,
        parcel_id: str,
        change: ParcelChange,
        *,
        request: Request | None = None,
        timeout_s: float = WRITE_S,
    ) -> Parcel:
        """Write what `change` makes of the parcel, and that of its order.

        Raises UnknownParcelError and whatever `change` raises.
        """
        seen = await found(self._records, parcel_id)
        order = await self._records.find(ORDERS, seen.order_id)
        refs: list[Ref[Any]] = [Ref(PARCELS, parcel_id), Ref(ORDERS, seen.order_id)]
        # All that it may give back: rare as it is, it may wait for the others of its slot.
        refs += holdings.all_refs_of(order) if order else []
        return await self._records.update(
            dict.fromkeys(refs),
            partial(changed, parcel_id, change, now=self._clock()),
            answer=Parcel,
            request=request,
            timeout_s=timeout_s,
        )

    def drive(self, parcel_id: str) -> asyncio.Task[None]:
        """Do what it owes if it is due, in a task of its own that outlives its caller."""
        task = asyncio.create_task(self._quietly(parcel_id))
        self._driven[task] = parcel_id
        task.add_done_callback(self._driven.pop)
        return task

    async def run(self) -> None:
        """Look for parcels that are due, for ever."""
        while True:
            try:
                for parcel in await due(self._records, self._clock()):
                    if parcel.parcel_id not in self._driven.values():
                        self.drive(parcel.parcel_id)
            except AppError as error:
                log.warning("parcels due cannot be read: %s", error.reason)
            # With jitter, or all replicas reach for the same ones at once.
            await asyncio.sleep(random.uniform(SWEEP_S / 2, SWEEP_S))

    async def settle(self) -> None:
        """Wait for the tasks under way; what is left others take over."""
        await asyncio.gather(*self._driven, return_exceptions=True)

    async def _quietly(self, parcel_id: str) -> None:
        try:
            # The caller's deadline ends its waiting, not what the parcel owes.
            with deadline.until(None):
                async with self._room:
                    parcel = await self.through(parcel_id)
            if parcel.state in OVER:
                self._saga.drive(parcel.order_id)
        except LeaseLostError:
            pass  # Another replica has it, or it is not due.
        except AppError as error:
            # The parcel keeps its task and its wake_time: it will be taken up again.
            log.warning("a parcel is left for later: %s", error.reason)
        except Exception:
            log.exception("a parcel cannot be driven")

    async def through(self, parcel_id: str) -> Parcel:
        """Send task after task until nothing is owed or the parcel must wait.

        Raises LeaseLostError, UnknownParcelError.
        """
        take = partial(domain.taken_over, now=self._clock(), lease=self._lease)
        parcel = await self.write(parcel_id, take)
        epoch = parcel.lease_epoch
        while parcel.todo:
            task = parcel.todo[0]
            after = await self._sent(parcel, task)
            parcel = await self.write(parcel_id, partial(leased, epoch, after))
            if parcel.todo and parcel.todo[0].tries > task.tries:
                break  # Not answered: its wake_time says when it is sent again.
        return parcel

    async def _sent(self, parcel: Parcel, task: Task) -> ParcelChange:
        """Send `task`, and say what its answer makes of the parcel."""
        try:
            result = await self._effects[task.name](parcel, task.name)
        except AppError as error:
            now = self._clock()
            if error.kind not in REFUSALS:
                return partial(domain.postponed, task=task, reason=error.reason, now=now)
            if task.name is TaskName.HOLD:
                return partial(domain.refused, task=task, now=now)
            # What has happened is never refused for good; somebody must look.
            log.error("task %s of a parcel is refused: %s", task.name.value, error.reason)
            return partial(domain.postponed, task=task, reason=error.reason, now=now)
        return partial(
            domain.settled, task=task, result=result, now=self._clock(), lease=self._lease
        )


def leased(epoch: int, change: ParcelChange, parcel: Parcel) -> Parcel:
    """Raises LeaseLostError when another replica has taken the parcel over."""
    if parcel.lease_epoch != epoch:
        raise LeaseLostError(parcel.parcel_id)
    return change(parcel)


def changed(parcel_id: str, change: ParcelChange, state: Read, *, now: datetime) -> Changed[Parcel]:
    before = state.find(PARCELS, parcel_id)
    if before is None:
        raise UnknownParcelError("no such parcel")
    after = change(before)
    if after == before:
        return Changed(answer=before)
    numbered = replace(after, revision=before.revision + 1)
    return with_order(state, numbered, now=now)


def with_order(state: Read, parcel: Parcel, *, now: datetime) -> Changed[Parcel]:
    """The parcel, and what it makes of its order; an order is never taken away."""
    order = state.find(ORDERS, parcel.order_id)
    told = None if order is None else order_told(order, parcel, now)
    if order is None or told is None:
        return Changed(answer=parcel, records=(parcel,))
    others = [
        record
        for record in holdings.given_back(state, order, told)
        if not isinstance(record, Parcel) or record.parcel_id != parcel.parcel_id
    ]
    written = order_changed(
        order, told, records=(parcel, *others), events=holdings.told(tuple(others))
    )
    return Changed(answer=parcel, records=written.records, events=written.events)


def order_told(order: Order, parcel: Parcel, now: datetime) -> Order | None:
    """None where it is as before."""
    told = bringing.told(order, domain.brought_of(parcel), now=now)
    return None if told == order else told
