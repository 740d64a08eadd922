"""Does what orders owe to others, one step at a time, whichever replica dies meanwhile.

Each step is in the order before it is sent, with an id made of order and step: whoever
sends it again repeats it, and whoever undoes it names it.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeAlias

from chassis import deadline, tracing
from chassis.changes import Changed
from chassis.clock import Clock, utc_now
from chassis.errors import AppError, Kind
from chassis.records import NotReadError, Records, Ref
from chassis.records import State as Read
from chassis.requests import Request
from services.collect.order import domain, holdings, saga
from services.collect.order.domain import LEASE, LeaseLostError
from services.collect.order.store import ORDERS, due, found, unknown
from services.collect.order.values import ASKED, Order, Step, StepName

log = logging.getLogger(__name__)

# Sends one step and returns what the order must remember of it. May be called twice.
Effect: TypeAlias = Callable[[Order, Step], Awaitable[str]]
# What says no for good. Anything else (a service that is away, a token that has expired)
# says nothing of the order: the step is sent again until the order's own time is over.
REFUSALS = (Kind.FAILED_PRECONDITION, Kind.NOT_FOUND, Kind.INVALID_ARGUMENT)
WRITE_S = 2.0
SWEEP_S = 1.0
AT_ONCE_MAX = 16


class Saga:
    """Drives orders: those just written, and those another replica left behind.

    `lease` is how long a step may take before another replica takes the order over.
    """

    def __init__(
        self,
        records: Records,
        effects: Mapping[StepName, Effect],
        *,
        clock: Clock = utc_now,
        lease: timedelta = LEASE,
    ) -> None:
        self.lease = lease
        self._records = records
        self._effects = effects
        self._clock = clock
        self._driven: dict[asyncio.Task[Order | None], str] = {}
        self._room = asyncio.Semaphore(AT_ONCE_MAX)

    async def write(
        self,
        order_id: str,
        change: Callable[[Order], Order],
        *,
        seen: Order | None = None,
        request: Request | None = None,
        timeout_s: float = WRITE_S,
    ) -> Order:
        """Write what `change` makes of the order, with what it gives back by it.

        `seen` is the order as it was a moment ago, to foresee what that is. Raises
        UnknownOrderError and whatever `change` raises.
        """
        write = partial(
            self._records.update,
            change=partial(changed, order_id, change),
            answer=Order,
            request=request,
            timeout_s=timeout_s,
        )
        # What it gives back is read with it, and no more: reading slot and basket in every
        # write would make all orders of one slot wait for each other at every step.
        refs = [] if seen is None else foreseen(seen, change)
        try:
            return await write([Ref(ORDERS, order_id), *refs])
        except NotReadError:
            order = await found(self._records, order_id)
            return await write([Ref(ORDERS, order_id), *holdings.all_refs_of(order)])

    def drive(self, order_id: str, *, written: Order | None = None) -> asyncio.Task[Order | None]:
        """Do what the order owes, in a task of its own that outlives its caller.

        Its result is the order as it was left, None where that is not known. `written` is
        the order as it was just written; without it the order is taken over if it is due.
        """
        task = asyncio.create_task(self._quietly(order_id, written))
        self._driven[task] = order_id
        task.add_done_callback(self._driven.pop)
        return task

    async def run(self) -> None:
        """Look for orders that are due, for ever."""
        while True:
            try:
                for order in await due(self._records, self._clock()):
                    if order.order_id not in self._driven.values():
                        self.drive(order.order_id)
            except AppError as error:
                log.warning("orders due cannot be read: %s", error.reason)
            # With jitter, or all replicas reach for the same orders at once.
            await asyncio.sleep(random.uniform(SWEEP_S / 2, SWEEP_S))

    async def settle(self) -> None:
        """Wait for the steps under way; what is left others take over."""
        await asyncio.gather(*self._driven, return_exceptions=True)

    async def _quietly(self, order_id: str, written: Order | None) -> Order | None:
        try:
            # The caller's deadline ends its waiting, not what the order owes.
            with deadline.until(None):
                async with self._room:
                    return await self.through(order_id, written)
        except LeaseLostError:
            pass  # Another replica has it, or it is not due.
        except AppError as error:
            # The order keeps its step and its wake_time: it will be taken up again.
            log.warning("an order is left for later: %s", error.reason)
        except Exception as error:
            log.exception("an order cannot be driven")
            await self._set_aside(order_id, type(error).__name__)
        return None

    async def _set_aside(self, order_id: str, reason: str) -> None:
        """Look at it again later: at the head of those due it would keep us from the others."""
        aside = partial(saga.set_aside, reason=reason, now=self._clock())
        try:
            await self.write(order_id, aside)
        except Exception:
            log.exception("an order cannot be set aside")

    async def through(self, order_id: str, written: Order | None = None) -> Order:
        """Send step after step until nothing is owed or the order must wait.

        What was `written` is not read again: should it have been called off since, its
        first step is one that is undone by its id, as any that was under way.
        Raises LeaseLostError, UnknownOrderError.
        """
        wake = partial(awake, now=self._clock(), lease=self.lease)
        order = written or await self.write(order_id, wake)
        lease = order.lease_epoch
        while order.todo:
            step = order.todo[0]
            after = await self._sent(order, step)
            order = await self.write(order_id, partial(leased, lease, after), seen=order)
            if order.todo and order.todo[0].tries > step.tries:
                break  # Not answered: its wake_time says when it is sent again.
        return order

    async def _sent(self, order: Order, step: Step) -> Callable[[Order], Order]:
        """Send `step`, and say what its answer makes of the order."""
        try:
            # The task that drives an order has its caller's context, so this is part of its trace.
            with tracing.span(
                f"saga {step.name.value}", attributes={"saga.step.tries": step.tries}
            ):
                result = await self._effects[step.name](order, step)
        except AppError as error:
            now = self._clock()
            if step.name in ASKED and is_refusal(order, error):
                return partial(saga.refused, step=step, reason=error.reason, now=now)
            if error.kind in REFUSALS:
                # What undoes or completes is never refused for good; somebody must look.
                log.error("step %s is refused: %s", step.name.value, error.reason)
            return partial(saga.postponed, step=step, reason=error.reason, now=now)
        return partial(saga.settled, step=step, result=result, now=self._clock(), lease=self.lease)


def is_refusal(order: Order, error: AppError) -> bool:
    """Also where the id of a question for others is known otherwise, or nobody knows how any
    more: by that id it is undone, and the order goes on."""
    is_known = saga.is_replacing(order) and error.kind is Kind.ALREADY_EXISTS
    return is_known or error.kind in REFUSALS


def changed(order_id: str, change: Callable[[Order], Order], state: Read) -> Changed[Order]:
    before = state.find(ORDERS, order_id)
    if before is None:
        raise unknown(order_id)
    after = change(before)
    if after == before:
        return Changed(answer=before)
    records = holdings.given_back(state, before, after)
    return domain.changed(before, after, records=records, events=holdings.told(records))


def foreseen(seen: Order, change: Callable[[Order], Order]) -> list[Ref[Any]]:
    """What `change` will give back, if the order is still as it was seen."""
    try:
        return holdings.refs_of(seen, change(seen))
    except (AppError, LeaseLostError):
        return []  # Whether it is refused is for the write to say, of the order as it is.


def awake(order: Order, *, now: datetime, lease: timedelta = LEASE) -> Order:
    """Taken over, with what the clock alone has made of it."""
    ours = saga.taken_over(order, now=now, lease=lease)
    return saga.resting(saga.timed_out(ours, now=now), now=now, lease=lease)


def leased(epoch: int, change: Callable[[Order], Order], order: Order) -> Order:
    saga.check_lease(order, epoch)
    return change(order)
