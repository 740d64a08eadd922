"""What operators do to orders that are stuck: each act is written with what it did."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias, TypeVar

from chassis import deadline
from chassis.acts import ACTS, Act, act_of
from chassis.changes import Changed
from chassis.clock import Clock, utc_now
from chassis.records import Records, Ref, State
from chassis.requests import Request
from services.collect.order import holdings
from services.collect.order.store import ORDERS, found, unknown
from services.collect.order.values import Order, Step, StepName
from services.collect.order.workflow import Saga, changed
from services.collect.stuck import domain
from services.collect.stuck.domain import Residue
from services.collect.stuck.residues import residue_of
from services.collect.stuck.store import RESIDUES

A = TypeVar("A")
# Where the caller works; None is everywhere.
LocationIds: TypeAlias = Collection[str] | None

WRITE_S_MAX = 2.0
STEP_S_MAX = 3.0
# What the answer needs of the caller's time once the step was sent.
ANSWER_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    order: Order
    residue: Residue | None


class StuckOrders:
    """`records` must keep ACTS beside collect's own kinds."""

    def __init__(self, records: Records, saga: Saga, *, clock: Clock = utc_now) -> None:
        self._records = records
        self._saga = saga
        self._clock = clock

    async def retry(self, order_id: str, request: Request, *, within: LocationIds) -> Order:
        """The order after its step was sent once more, or at the end of the caller's time.

        Raises UnknownOrderError, OrderNotStuckError.
        """
        change = partial(retry_change, order_id, request, self._clock())
        await self._write(order_id, change, request, answer=type(None), within=within)
        driven = self._saga.drive(order_id)
        await asyncio.wait({driven}, timeout=max(0.0, deadline.left_s(STEP_S_MAX) - ANSWER_S))
        return await found(self._records, order_id)

    async def abandon(
        self, order_id: str, name: StepName, cause: str, request: Request, *, within: LocationIds
    ) -> Abandoned:
        """Raises UnknownOrderError, OrderNotStuckError."""
        change = partial(abandon_change, order_id, name, cause, request, self._clock())
        done = await self._write(order_id, change, request, answer=Abandoned, within=within)
        self._saga.drive(order_id)
        return done

    async def settle(
        self, residue_id: str, cause: str, request: Request, *, within: LocationIds
    ) -> Residue:
        """Raises UnknownResidueError."""
        return await self._records.update(
            [Ref(RESIDUES, residue_id)],
            partial(settle_change, residue_id, cause, request, self._clock(), within),
            answer=Residue,
            request=request,
            timeout_s=deadline.left_s(WRITE_S_MAX),
        )

    async def _write(
        self,
        order_id: str,
        change: Callable[[State], Changed[A]],
        request: Request,
        *,
        answer: type[A],
        within: LocationIds,
    ) -> A:
        seen = await found(self._records, order_id)
        if not is_within(seen, within):
            raise unknown(order_id)
        # All that it may give back: rare as it is, it may wait for the others of its slot.
        refs: list[Ref[Any]] = [Ref(ORDERS, order_id), Ref(ACTS, request.made_id)]
        return await self._records.update(
            [*refs, *holdings.all_refs_of(seen)],
            change,
            answer=answer,
            request=request,
            timeout_s=deadline.left_s(WRITE_S_MAX),
        )


def is_within(what: Order | Residue, location_ids: LocationIds) -> bool:
    return location_ids is None or what.location_id in location_ids


def retry_change(order_id: str, request: Request, now: datetime, state: State) -> Changed[None]:
    if is_done(state, request):
        return Changed(answer=None)
    step = domain.failing_step(order_in(state, order_id))
    due = changed(order_id, partial(domain.retried, now=now), state)
    act = act_of(request, "retry_order", target=order_id, now=now, detail=facts_of(step))
    return Changed(answer=None, records=(*due.records, act), events=due.events)


def abandon_change(
    order_id: str, name: StepName, cause: str, request: Request, now: datetime, state: State
) -> Changed[Abandoned]:
    order = order_in(state, order_id)
    if is_done(state, request):
        return Changed(answer=Abandoned(order=order, residue=None))
    step, act = domain.step_to_abandon(order, name), partial(act_of, request, "abandon_step")
    left = None
    if domain.leaves_residue(order):
        left = residue_of(order, step, residue_id=request.made_id, now=now)
    after = changed(order_id, partial(domain.abandoned, now=now), state)
    kept: Act = act(target=order_id, now=now, cause=cause, detail=facts_of(step))
    return Changed(
        answer=Abandoned(order=after.answer, residue=left),
        records=(*after.records, kept, *([left] if left else [])),
        events=after.events,
    )


def settle_change(
    residue_id: str,
    cause: str,
    request: Request,
    now: datetime,
    within: LocationIds,
    state: State,
) -> Changed[Residue]:
    before = state.find(RESIDUES, residue_id)
    if before is not None and not is_within(before, within):
        before = None  # Not theirs is as if it were not there.
    after = domain.settled(before, residue_id=residue_id)
    detail = {"order_id": after.order_id, "step": after.step.value}
    act = act_of(request, "settle_residue", target=residue_id, now=now, cause=cause, detail=detail)
    return Changed(answer=after, records=(after, act))


def is_done(state: State, request: Request) -> bool:
    """Of a repeat so late that its answer is kept no more."""
    return state.find(ACTS, request.made_id) is not None


def order_in(state: State, order_id: str) -> Order:
    order = state.find(ORDERS, order_id)
    if order is None:
        raise unknown(order_id)
    return order


def facts_of(step: Step) -> dict[str, str]:
    """What an operator saw when they acted."""
    return {
        "step": step.name.value,
        "attempt": str(step.attempt),
        "tries_count": str(step.tries),
        "reason": step.fail_reason,
    }
