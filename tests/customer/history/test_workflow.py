"""From `order_collected` to a purchase, with a stand-in for `collect` on a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import grpc
import pytest
from comptoir.collect.v1 import order_service_pb2 as pb
from comptoir.collect.v1 import order_service_pb2_grpc as pb_grpc
from comptoir.type.v1 import event_service_pb2 as event_pb
from comptoir.type.v1 import event_service_pb2_grpc as event_grpc
from comptoir.type.v1.money_pb2 import Money

from chassis.access import caller
from chassis.auth import Verifier, trusted
from chassis.changes import Changed, Event
from chassis.client import channel
from chassis.errors import AppError, Kind
from chassis.event_servicer import EventServicer
from chassis.interceptors import Context
from chassis.keys import Keyring, MemoryKeyStore, Wrapping
from chassis.memory_records import MemoryRecords
from chassis.progress import CONSUMER_KINDS
from chassis.records import Records, Where
from chassis.server import Check, Service, running
from chassis.tokens import Issuer
from services.customer.history.domain import CollectedOrder
from services.customer.history.store import COLLECTED_ORDERS, PURCHASES
from services.customer.history.workflow import (
    OrderReader,
    noted_anew,
    order_consumer,
    purchase_from_order,
)
from services.customer.kinds import KINDS
from tests.background import background
from tests.conftest import MakeRecords
from tests.customer.house import WRAPPING_KEY, Clock
from tests.serving import SETTINGS
from tests.waiting import until

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


class UnknownOrderError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_ORDER"


@dataclass
class Orders(pb_grpc.OrderServiceServicer):
    """Answers as `collect` does, and notes for which order each call says it is made."""

    orders: dict[str, pb.Order] = field(default_factory=dict)
    actors: list[str] = field(default_factory=list)

    async def GetOrder(self, request: pb.GetOrderRequest, context: Context) -> pb.GetOrderResponse:
        self.actors.append(caller().actor)
        if request.order_id not in self.orders:
            raise UnknownOrderError("no such order", order_id=request.order_id)
        return pb.GetOrderResponse(order=self.orders[request.order_id])

    async def ListCollectedOrders(
        self, request: pb.ListCollectedOrdersRequest, context: Context
    ) -> pb.ListCollectedOrdersResponse:
        """In pages of one."""
        ids = sorted(self.orders)
        at = ids.index(request.page_token) if request.page_token else 0
        found = [pb.CollectedOrder(order_id=order_id) for order_id in ids[at : at + 1]]
        for each in found:
            each.collect_time.FromDatetime(NOON)
        following = ids[at + 1] if at + 1 < len(ids) else ""
        return pb.ListCollectedOrdersResponse(orders=found, next_page_token=following)


@dataclass(frozen=True)
class Collect:
    """The stand-in, its log, and a channel to it with the customer service's token."""

    servicer: Orders
    records: MemoryRecords
    channel: grpc.aio.Channel

    async def hand_over(self, order: pb.Order) -> None:
        self.servicer.orders[order.order_id] = order
        event = Event("order_collected", order.order_id, order.revision)
        await self.records.update(
            [], lambda _: Changed(answer=None, events=(event,)), answer=type(None), timeout_s=1
        )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store(records: MakeRecords, clock: Clock) -> Records:
    return await records((*KINDS, *CONSUMER_KINDS), clock=clock)


@pytest.fixture
async def collect(clock: Clock) -> AsyncIterator[Collect]:
    servicer = Orders()  # type: ignore[abstract]
    kept = MemoryRecords([], clock=clock)
    keyring = Keyring("customer", MemoryKeyStore(), Wrapping(WRAPPING_KEY), clock=clock)
    await keyring.refresh()

    @asynccontextmanager
    async def resources(server: grpc.aio.Server) -> AsyncIterator[Check]:
        pb_grpc.add_OrderServiceServicer_to_server(servicer, server)
        event_grpc.add_EventServiceServicer_to_server(EventServicer(kept.log, {}), server)
        yield kept.tend

    verifier = Verifier("collect", trusted({"customer": keyring.public_keys}), clock=clock)
    service = Service(
        name="collect.comptoir",
        descriptors=[
            pb.DESCRIPTOR.services_by_name["OrderService"],
            event_pb.DESCRIPTOR.services_by_name["EventService"],
        ],
        authenticate=verifier.authenticate,
        resources=resources,
    )
    issuer = Issuer("customer", keyring, clock=clock)
    async with (
        running(service, SETTINGS) as ports,
        channel(f"127.0.0.1:{ports.port}", audience="collect", issuer=issuer) as opened,
    ):
        yield Collect(servicer, kept, opened)


def order(order_id: str = "o1", customer_id: str = "anna") -> pb.Order:
    def line(number: int, state: "pb.LineState.ValueType", found: int) -> pb.OrderLine:
        return pb.OrderLine(
            line_number=number,
            sku=f"SKU{number}",
            quantity=3,
            found_quantity=found,
            total=Money(minor=1000 * found, currency="EUR"),
            state=state,
        )

    return pb.Order(
        order_id=order_id,
        customer_id=customer_id,
        location_id="lyon",
        lines=[
            line(1, pb.LINE_STATE_COLLECTED, 3),
            line(2, pb.LINE_STATE_CANCELLED, 0),
            line(3, pb.LINE_STATE_COLLECTED, 2),
        ],
        state=pb.ORDER_STATE_COLLECTED,
        total=Money(minor=5000, currency="EUR"),
        revision=9,
    )


def test_what_another_shop_had_sent_is_bought_too() -> None:
    made = order()
    made.lines[0].found_quantity, made.lines[0].brought_quantity = 0, 3
    made.lines[2].brought_quantity = 1
    bought = purchase_from_order(made, collect_time=NOON)
    assert bought is not None
    assert [(line.sku, line.quantity) for line in bought.lines] == [("SKU1", 3), ("SKU3", 3)]


async def note(store: Records, order_id: str) -> None:
    noted = CollectedOrder(order_id=order_id, collect_time=NOON, due_time=NOON)
    await store.update(
        [], lambda _: Changed(answer=None, records=(noted,)), answer=type(None), timeout_s=1
    )


async def test_a_collected_order_becomes_a_purchase(
    store: Records, collect: Collect, clock: Clock
) -> None:
    async def is_recorded() -> bool:
        return await store.find(PURCHASES, "o1") is not None

    consumer = order_consumer(collect.channel, store)
    reader = OrderReader(collect.channel, store, clock)
    async with background(consumer.run(), reader.run()):
        await collect.hand_over(order())
        await until(is_recorded)

    found = await store.find(PURCHASES, "o1")
    assert found is not None and found.total is not None
    assert [(line.sku, line.quantity) for line in found.lines] == [("SKU1", 3), ("SKU3", 2)]
    assert (found.customer_id, found.location_id) == ("anna", "lyon")
    assert (found.purchase_time, found.total.minor) == (NOON, 5000)
    assert collect.servicer.actors == ["o1"]


async def test_replicas_that_read_an_order_at_once_record_it_once(
    store: Records, collect: Collect, clock: Clock
) -> None:
    collect.servicer.orders["o1"] = order()
    await note(store, "o1")
    readers = [OrderReader(collect.channel, store, clock) for _ in range(5)]
    await asyncio.gather(*(reader.read_due() for reader in readers))

    found = await store.find(PURCHASES, "o1")
    assert found is not None and found.revision == 1


async def test_an_order_of_another_team_is_no_ones_purchase(
    store: Records, collect: Collect, clock: Clock
) -> None:
    collect.servicer.orders["o1"] = order(customer_id="")
    await note(store, "o1")
    await OrderReader(collect.channel, store, clock).read_due()

    assert await store.select(PURCHASES, Where(limit=10)) == []
    noted = await store.find(COLLECTED_ORDERS, "o1")
    assert noted is not None and noted.read


async def test_an_order_that_cannot_be_read_waits_and_keeps_no_other_waiting(
    store: Records, collect: Collect, clock: Clock
) -> None:
    reader = OrderReader(collect.channel, store, clock)
    collect.servicer.orders["o2"] = order("o2")
    for order_id in ("o1", "o2"):
        await note(store, order_id)
    await reader.read_due()
    assert await store.find(PURCHASES, "o1") is None
    assert await store.find(PURCHASES, "o2") is not None

    collect.servicer.orders["o1"] = order()
    await reader.read_due()
    assert await store.find(PURCHASES, "o1") is None
    clock.now += timedelta(seconds=1)
    await reader.read_due()
    assert await store.find(PURCHASES, "o1") is not None


async def test_who_comes_back_after_the_log_was_trimmed_misses_no_purchase(
    store: Records, collect: Collect, clock: Clock
) -> None:
    async def are_recorded(*order_ids: str) -> bool:
        return set(await store.find_many(PURCHASES, order_ids)) == set(order_ids)

    async def follow_until_recorded(*order_ids: str) -> None:
        consumer = order_consumer(collect.channel, store)
        reader = OrderReader(collect.channel, store, clock)
        async with background(consumer.run(), reader.run()):
            await until(lambda: are_recorded(*order_ids))

    await collect.hand_over(order("o1"))
    await follow_until_recorded("o1")
    for order_id in ("o2", "o3", "o4"):
        await collect.hand_over(order(order_id))
    assert await collect.records.log.trim(clock.now + timedelta(days=1), 100) == 3

    await follow_until_recorded("o1", "o2", "o3", "o4")
    purchases = await store.select(PURCHASES, Where(limit=10))
    assert [(p.revision, p.purchase_time) for p in purchases] == [(1, NOON)] * 4
    await collect.hand_over(order("o5"))
    await follow_until_recorded("o5")


async def test_a_snapshot_notes_nothing_that_is_recorded(
    store: Records, collect: Collect, clock: Clock
) -> None:
    for order_id in ("o1", "o2"):
        collect.servicer.orders[order_id] = order(order_id)
    await noted_anew(collect.channel, store)
    await OrderReader(collect.channel, store, clock).read_due()
    collect.servicer.actors.clear()
    # The notes of those that were read are forgotten by then; the purchases stay.
    clock.now += timedelta(days=31)

    await noted_anew(collect.channel, store)
    await OrderReader(collect.channel, store, clock).read_due()
    assert collect.servicer.actors == []
