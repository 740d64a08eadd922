"""From a collected order to a purchase: noted with the event, read from `collect`, recorded.

An event names the order and no person, so the order has to be asked for, and that can
fail where the event's own transaction cannot wait for it. What was noted is asked for
again until it is recorded, once, whoever does it.
"""

import asyncio
import logging
import random
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import grpc
from comptoir.collect.v1 import order_service_pb2 as collect_pb
from comptoir.collect.v1 import order_service_pb2_grpc as collect_grpc
from comptoir.type.v1 import event_service_pb2 as event_pb
from comptoir.type.v1 import event_service_pb2_grpc as event_grpc
from comptoir.type.v1.event_service_pb2 import Event

from chassis.changes import Changed
from chassis.client import acting_for
from chassis.clock import Clock, utc_now
from chassis.consumer import Consumer
from chassis.progress import Effect
from chassis.records import Records, Ref, State
from services.customer.history import domain
from services.customer.history.domain import Channel, CollectedOrder, Line, Purchase
from services.customer.history.messages import total_from_pb, whole_milliseconds
from services.customer.history.store import COLLECTED_ORDERS, PURCHASES, due_orders
from services.customer.limits import write_s

PAUSE_S = 0.5
BATCH_MAX = 50
PAGE_MAX = 200
# What never came into the customer's hands; lines of any other state did.
LEFT_BEHIND = frozenset({collect_pb.LINE_STATE_CANCELLED, collect_pb.LINE_STATE_EXPIRED})

log = logging.getLogger(__name__)


def order_consumer(collect: grpc.aio.Channel, records: Records) -> Consumer:
    """Notes the orders that `collect`, a channel to it, says were collected."""
    source = event_grpc.EventServiceStub(collect)
    return Consumer(
        "collected_orders",
        source,
        records,
        {"order_collected": noted},
        resync=partial(noted_anew, collect, records),
    )


async def noted_anew(collect: grpc.aio.Channel, records: Records) -> str:
    """Note every collected order of which there is no purchase; where its events go on.

    For who was away for longer than `collect` keeps events: those in between never come.
    """
    orders = collect_grpc.OrderServiceStub(collect)
    head = await event_grpc.EventServiceStub(collect).GetHead(event_pb.GetHeadRequest())
    request = collect_pb.ListCollectedOrdersRequest(page_size=PAGE_MAX)
    while True:
        page = await orders.ListCollectedOrders(request)
        await note_all(page.orders, records)
        request.page_token = page.next_page_token
        if not request.page_token:
            return str(head.cursor)


async def note_all(orders: Iterable[collect_pb.CollectedOrder], records: Records) -> None:
    collected = {o.order_id: whole_milliseconds(o.collect_time.ToDatetime(UTC)) for o in orders}
    # This read decides only that nothing need be done: purchases stay.
    done = await records.find_many(PURCHASES, collected)
    new = {order_id: time for order_id, time in collected.items() if order_id not in done}

    def change(state: State) -> Changed[None]:
        changes = [
            domain.collected(state.find(COLLECTED_ORDERS, key), order_id=key, collect_time=time)
            for key, time in new.items()
        ]
        return Changed(answer=None, records=tuple(r for c in changes for r in c.records))

    if new:
        refs = [Ref(COLLECTED_ORDERS, order_id) for order_id in new]
        await records.update(refs, change, answer=type(None), timeout_s=write_s())


def noted(event: Event) -> Effect:
    order_id = event.key
    collect_time = whole_milliseconds(event.occur_time.ToDatetime(UTC))

    def change(state: State) -> Changed[None]:
        before = state.find(COLLECTED_ORDERS, order_id)
        return domain.collected(before, order_id=order_id, collect_time=collect_time)

    return Effect((Ref(COLLECTED_ORDERS, order_id),), change)


class OrderReader:
    """Asks `collect`, a channel to it that carries our service token, for noted orders."""

    def __init__(self, collect: grpc.aio.Channel, records: Records, clock: Clock = utc_now) -> None:
        self._orders = collect_grpc.OrderServiceStub(collect)
        self._records = records
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled, through every absence of the engine."""
        while True:
            try:
                await self.read_due()
            except Exception as error:
                # Nobody waits for this task: what it raised would be noticed by its silence.
                log.warning("collected orders are not read now: %s", type(error).__name__)
            await asyncio.sleep(random.uniform(0.5, 1) * PAUSE_S)

    async def read_due(self) -> None:
        """Record the purchases of the orders due; those that cannot be read come later again."""
        for order in await due_orders(self._records, now=self._clock(), limit=BATCH_MAX):
            try:
                purchase = await self._purchase(order)
            except Exception as error:
                # One that cannot be read must not keep the others waiting.
                log.warning("order %s is read later: %s", order.order_id, type(error).__name__)
                await self._postpone(order.order_id)
            else:
                await self._record(order.order_id, purchase)

    async def _purchase(self, order: CollectedOrder) -> Purchase | None:
        with acting_for(order.order_id):
            answer = await self._orders.GetOrder(
                collect_pb.GetOrderRequest(order_id=order.order_id)
            )
        return purchase_from_order(answer.order, collect_time=order.collect_time)

    async def _record(self, order_id: str, purchase: Purchase | None) -> None:
        def change(state: State) -> Changed[bool]:
            before = state.find(PURCHASES, order_id)
            return domain.recorded(state.find(COLLECTED_ORDERS, order_id), before, purchase)

        refs: list[Ref[Any]] = [Ref(COLLECTED_ORDERS, order_id), Ref(PURCHASES, order_id)]
        await self._records.update(refs, change, answer=bool, timeout_s=write_s())

    async def _postpone(self, order_id: str) -> None:
        now = self._clock()
        await self._records.update(
            [Ref(COLLECTED_ORDERS, order_id)],
            lambda state: domain.postponed(state.find(COLLECTED_ORDERS, order_id), now=now),
            answer=type(None),
            timeout_s=write_s(),
        )


def handed_over(line: collect_pb.OrderLine) -> int:
    """What was found in the order's shop, and what another one had sent there."""
    return line.found_quantity + line.brought_quantity


def purchase_from_order(order: collect_pb.Order, *, collect_time: datetime) -> Purchase | None:
    """None for an order that is nobody's, or of which nothing was handed over."""
    lines = tuple(
        Line(sku=line.sku, quantity=handed_over(line), total=total_from_pb(line))
        for line in order.lines
        if line.state not in LEFT_BEHIND and handed_over(line)
    )
    if not order.customer_id or not lines:
        return None
    return Purchase(
        purchase_id=order.order_id,
        customer_id=order.customer_id,
        location_id=order.location_id,
        purchase_time=collect_time,
        lines=lines,
        total=total_from_pb(order),
        channel=Channel.ORDER,
    )
