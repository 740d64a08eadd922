"""From a customer's wish to an order that is promised or refused.

Prices and places are read first; then one write takes slot and compartment and leaves
the order owing the rest, which the saga does while the caller waits.
"""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from chassis.changes import Changed
from chassis.clock import Clock, utc_now
from chassis.errors import AppError, Kind
from chassis.records import Records, Ref
from chassis.records import State as Read
from chassis.requests import Request, step_id
from services.collect.locker import domain as locker
from services.collect.locker.store import CABINETS
from services.collect.order import domain, holdings
from services.collect.order.domain import CONFIRM_WITHIN
from services.collect.order.offer import Offer, Offers, unknown_point
from services.collect.order.store import ORDERS, found
from services.collect.order.values import Method, Money, Order, State
from services.collect.order.workflow import Saga
from services.collect.point import domain as point
from services.collect.point.domain import Place, Point, PointKind, Size
from services.collect.point.store import PLACES, POINTS, SLOTS

# What the answer needs of the caller's time once the order is driven.
ANSWER_S = 0.1
# How often to look at an order that somebody else drives, or that must be tried again.
LOOK_S = 0.05


class OrderRefusedError(AppError):
    """Another service refused a step; its reason is the order's cause, and ours."""

    kind = Kind.FAILED_PRECONDITION

    def __init__(self, order: Order) -> None:
        self.reason = order.cause
        super().__init__(
            f"the order was refused: {order.cause}", order_id=order.order_id, cause=order.cause
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a customer asks for. `expected_minor` is what they were shown, if anything."""

    customer_id: str
    quantities: Mapping[str, int]
    point_id: str
    slot_id: str
    method: Method
    reference: str
    expected_minor: int | None
    expected_currency: str
    from_basket: bool


class Placing:
    def __init__(
        self,
        records: Records,
        saga: Saga,
        offers: Offers,
        *,
        clock: Clock = utc_now,
    ) -> None:
        self._records = records
        self._saga = saga
        self._offers = offers
        self._clock = clock

    async def place(self, wish: Wish, request: Request, *, timeout_s: float) -> Order:
        """The order, confirmed; or still PLACING when `timeout_s` is short.

        A repeat gets the order as it is now; one that was refused is tried anew.
        Raises OrderRefusedError, UnknownPointError, UnknownSkuError and what taking
        the slot and the compartment raises.
        """
        until = asyncio.get_running_loop().time() + timeout_s - ANSWER_S
        order_id = request.made_id
        # Beside each other, as most requests come once and then need the point.
        kept, chosen = (
            self._records.find(ORDERS, order_id),
            self._records.find(POINTS, wish.point_id),
        )
        before, where = await asyncio.gather(kept, chosen)
        if before is not None:
            request.check_repeat(before.body_hash)
        order = None
        if before is None or domain.may_be_placed_again(before):
            written = await self._write(wish, where, request, timeout_s=timeout_s)
            order = await self._driven(written, until) if written else None
        if order is None or order.state is State.PLACING:
            order = await self._decided(order_id, until)
        if order.state is State.REFUSED:
            raise OrderRefusedError(order)
        return order

    async def _driven(self, written: Order, until: float) -> Order | None:
        """What has become of it by our own doing; None where that is not known by `until`."""
        driven = self._saga.drive(written.order_id, written=written)
        left_s = max(0.0, until - asyncio.get_running_loop().time())
        done, _ = await asyncio.wait({driven}, timeout=left_s)
        return driven.result() if done else None

    async def _decided(self, order_id: str, until: float) -> Order:
        """The order once it is confirmed or refused, whoever drives it; or PLACING at `until`."""
        order = await found(self._records, order_id)
        while order.state is State.PLACING and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(LOOK_S)
            order = await found(self._records, order_id)
        return order

    async def _write(
        self, wish: Wish, where: Point | None, request: Request, *, timeout_s: float
    ) -> Order | None:
        """The order as written; None where a repeat beside us wrote it, who drives it then."""
        if where is None:
            raise unknown_point(wish.point_id)
        order, size = await self._wanted(wish, where, request)
        write = partial(
            taken,
            order=order,
            size=size,
            where=where,
            request=request,
            now=self._clock(),
            lease=self._saga.lease,
        )
        is_ours = False

        def change(state: Read) -> Changed[Order]:
            nonlocal is_ours
            changed = write(state)
            is_ours = bool(changed.records)
            return changed

        made = await self._records.update(refs_of(order), change, answer=Order, timeout_s=timeout_s)
        return made if is_ours else None

    async def _wanted(
        self, wish: Wish, where: Point, request: Request
    ) -> tuple[Order, Size | None]:
        """The order at today's prices, and the room it takes.

        Raises UnknownPointError, UnknownSkuError, PriceChangedError, PaymentRequiredError and
        what `order_of` does.
        """
        opening, offering = (
            self._records.find(PLACES, where.location_id),
            self._offers.at(where.location_id, wish.quantities),
        )
        place, offer = await asyncio.gather(opening, offering)
        if place is None:
            raise unknown_point(wish.point_id)
        order = order_of(wish, offer, where, place, request=request, now=self._clock())
        domain.check_method(order)
        domain.check_total(order, wish.expected_minor, wish.expected_currency)
        return order, offer.size


def refs_of(order: Order) -> list[Ref[Any]]:
    """What `taken` reads."""
    refs: list[Ref[Any]] = [Ref(ORDERS, order.order_id), Ref(SLOTS, order.slot_id)]
    return refs + [Ref(CABINETS, order.cabinet_id)] * order.in_locker


def taken(
    state: Read,
    *,
    order: Order,
    size: Size | None,
    where: Point,
    request: Request,
    now: datetime,
    lease: timedelta,
) -> Changed[Order]:
    """The order as first written, with its slot and its compartment taken for it.

    Raises RequestIdReusedError, and what taking the slot and the compartment raises.
    """
    before = state.find(ORDERS, order.order_id)
    if before is not None:
        request.check_repeat(before.body_hash)
    if before is not None and not domain.may_be_placed_again(before):
        return Changed(answer=before)  # A repeat that ran beside us was first.
    after = (
        domain.placed_again(before, order, now=now, lease=lease)
        if before
        else domain.placed(order, now=now, lease=lease)
    )
    slot = point.taken(
        state.find(SLOTS, order.slot_id),
        span=(order.slot_start, order.slot_end),
        point=where,
        slot_id=order.slot_id,
    )
    records: tuple[object, ...] = (slot,)
    if order.in_locker:
        records = (slot, compartment_kept(state, order, size, now))
    return domain.changed(before, after, records=records, events=holdings.told(records))


def compartment_kept(state: Read, order: Order, size: Size | None, now: datetime) -> object:
    cabinet = state.find(CABINETS, order.cabinet_id)
    if cabinet is None or size is None:
        raise locker.NoCompartmentError(
            "no compartment fits: choose a counter", cabinet_id=order.cabinet_id
        )
    return locker.kept(cabinet, order_id=order.order_id, size=size, now=now)


def order_of(
    wish: Wish, offer: Offer, where: Point, place: Place, *, request: Request, now: datetime
) -> Order:
    """Raises InvalidSlotError, SlotPastError."""
    slot_start, slot_end = point.span_of(place, where, wish.slot_id, now)
    collect_by_time = point.collect_by(place, slot_end)
    hold_until = domain.hold_until(collect_by_time, now=now)
    return Order(
        order_id=request.made_id,
        body_hash=request.body_hash,
        customer_id=wish.customer_id,
        point_id=where.point_id,
        location_id=where.location_id,
        cabinet_id=where.cabinet_id if where.kind is PointKind.LOCKER else "",
        slot_id=wish.slot_id,
        slot_start=slot_start,
        slot_end=slot_end,
        lines=offer.lines,
        currency=offer.currency,
        method=wish.method,
        reference=wish.reference,
        money=Money.DUE if wish.method is Method.AT_COUNTER else Money.UNKNOWN,
        create_time=now,
        confirm_by_time=now + CONFIRM_WITHIN,
        collect_by_time=collect_by_time,
        hold_until=hold_until,
        hold_s=math.ceil((hold_until - now).total_seconds()),
        buyer_id=buyer_of(wish.customer_id),
        from_basket=wish.from_basket,
    )


def buyer_of(customer_id: str) -> str:
    """The same for a customer each time, and nothing that stock could find them by."""
    return step_id("buyer", customer_id)
