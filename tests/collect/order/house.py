"""Orders and picking on a real server, with the real inventory and a catalogue beside them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import grpc
from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.collect.v1 import order_service_pb2 as pb
from comptoir.collect.v1 import order_service_pb2_grpc as pb_grpc
from comptoir.collect.v1 import picking_service_pb2 as picking_pb
from comptoir.collect.v1 import picking_service_pb2_grpc as picking_grpc

from chassis.acts import ACTS
from chassis.changes import Changed
from chassis.events import EventLog
from chassis.memory_records import MemoryRecords
from chassis.progress import CONSUMER_KINDS
from chassis.records import Kind, Records, Ref, Where
from chassis.tail import Tail
from services.collect.events import subjects
from services.collect.kinds import KINDS
from services.collect.locker.cabinet import Cabinet, EntryKind, JournalEntry
from services.collect.locker.domain import furnished, use_of
from services.collect.locker.store import CABINETS
from services.collect.order.store import ORDERS, found
from services.collect.order.values import Order
from services.collect.order.workflow import Saga
from services.collect.parcel.workflow import Parcels
from services.collect.payment.domain import SimulatedPayment
from services.collect.payment.store import PAYMENTS, Simulator
from services.collect.picking.workflow import journal_change, refs_for
from services.collect.point.domain import Point, Size
from services.collect.point.store import SLOTS
from services.inventory.kinds import KINDS as INVENTORY_KINDS
from tests.background import background
from tests.collect import shops
from tests.collect.order.asking import ANNA, LOCKER_SLOT, SAM, SLOT, new_id, place
from tests.collect.order.catalogue import Catalogue, serving_catalogue
from tests.collect.order.inventory import (
    Inventory,
    open_effects,
    open_inventory,
    open_looking,
    open_parcel_effects,
)
from tests.collect.order.line import Line
from tests.collect.order.orders import NOON
from tests.collect.order.servicers import servicers_of
from tests.inventory.house import Clock
from tests.serving import Metadata, serving


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    clock: Clock
    records: Records
    inventory: Inventory
    catalogue: Catalogue
    line: Line
    saga: Saga
    parcels: Parcels
    orders: "pb_grpc.OrderServiceAsyncStub"
    picking: "picking_grpc.PickingServiceAsyncStub"

    async def place(
        self,
        request: pb.PlaceOrderRequest | None = None,
        *,
        metadata: Metadata = ANNA,
        timeout_s: float = 10,
        **fields: Any,
    ) -> pb.Order:
        asked = request or place(**fields)
        return (await self.orders.PlaceOrder(asked, metadata=metadata, timeout=timeout_s)).order

    async def place_briefly(
        self, request: pb.PlaceOrderRequest | None = None, **fields: Any
    ) -> pb.Order:
        """What a call of half a second gets.

        Repeated, as clients do, where a busy machine has not answered in time.
        """
        asked = request or place(**fields)
        for _ in range(20):
            try:
                return await self.place(asked, timeout_s=0.5)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.DEADLINE_EXCEEDED:
                    raise
        raise AssertionError("it is never answered")

    async def get(self, order_id: str, *, metadata: Metadata = ANNA) -> pb.Order:
        request = pb.GetOrderRequest(order_id=order_id)
        return (await self.orders.GetOrder(request, metadata=metadata)).order

    async def cancel(
        self, order_id: str, *, metadata: Metadata = ANNA, cause: str = "", request_id: str = ""
    ) -> pb.Order:
        request = pb.CancelOrderRequest(
            request_id=request_id or new_id(), order_id=order_id, cause=cause
        )
        return (await self.orders.CancelOrder(request, metadata=metadata)).order

    async def pick(
        self, order_id: str, found: int, *, line: int = 1, metadata: Metadata = SAM
    ) -> pb.Order:
        request = picking_pb.RecordPickRequest(
            request_id=new_id(), order_id=order_id, line_number=line, found_quantity=found
        )
        return (await self.picking.RecordPick(request, metadata=metadata)).order

    async def stage(self, order_id: str, *, bin_label: str = "B7") -> pb.Order:
        request = picking_pb.StageOrderRequest(
            request_id=new_id(), order_id=order_id, bin_label=bin_label
        )
        order = (await self.picking.StageOrder(request, metadata=SAM)).order
        await self.saga.settle()
        return order

    async def code(self, order_id: str) -> str:
        request = pb.GetCollectCodeRequest(order_id=order_id)
        return (await self.orders.GetCollectCode(request, metadata=ANNA)).code

    async def hand_over(self, order_id: str, code: str, *, paid: bool = False) -> pb.Order:
        request = picking_pb.HandOverRequest(
            request_id=new_id(), order_id=order_id, code=code, paid_at_counter=paid
        )
        order = (await self.picking.HandOver(request, metadata=SAM)).order
        await self.saga.settle()
        return order

    async def ready(self, *, quantity: int = 2, found: int = 2, **fields: Any) -> pb.Order:
        """An order of one line, placed, picked and staged."""
        order = await self.place(lines={"LAMP": quantity}, **fields)
        await self.pick(order.order_id, found)
        await self.stage(order.order_id)
        return await self.get(order.order_id)

    async def loaded(self) -> pb.Order:
        """An order that lies in its compartment."""
        order = await self.ready(slot_id=LOCKER_SLOT, point_id="paris-locker")
        await self.cabinet_says(EntryKind.LOADED, order.order_id)
        await self.settled()
        return await self.get(order.order_id)

    async def cabinet_says(self, kind: EntryKind, order_id: str) -> None:
        """The next entry of the cabinet's journal, taken in as its stream does."""
        cabinet = await self.cabinet()
        use = use_of(cabinet, order_id)
        entry = JournalEntry(
            cabinet_id=cabinet.cabinet_id,
            sequence=cabinet.journal_sequence + 1,
            kind=kind,
            occur_time=self.clock.now,
            compartment_id=use.compartment_id if use else "A1",
            generation=use.generation if use else 1,
            order_id=order_id,
        )
        await self.records.update(
            refs_for(cabinet.cabinet_id, entry),
            lambda state: journal_change(state, entry, self.clock.now),
            answer=Cabinet,
            timeout_s=2,
        )

    async def settled(self, *order_ids: str) -> None:
        """Have whoever looks for orders that are due find and finish them."""
        for order_id in order_ids or [o.order_id for o in await self.kept()]:
            await self.saga.drive(order_id)

    async def passes(self, duration: timedelta) -> None:
        """Let time pass, with somebody looking at what is due then."""
        self.clock.now += duration
        await self.settled()

    async def kept(self) -> list[Order]:
        return await self.records.select(ORDERS, Where(limit=1000))

    async def order(self, order_id: str) -> Order:
        return await found(self.records, order_id)

    async def cabinet(self) -> Cabinet:
        return (await self.records.find_many(CABINETS, ["cabinet-1"]))["cabinet-1"]

    async def taken_count(self, slot_id: str = SLOT) -> int:
        slot = await self.records.find(SLOTS, slot_id)
        return 0 if slot is None else slot.taken_count

    async def payments(self) -> list[SimulatedPayment]:
        return await self.records.select(PAYMENTS, Where(limit=1000))

    async def put(self, *records: object) -> None:
        """As if another part of the service had written them."""
        kinds: dict[type, Kind[Any]] = {kind.type: kind for kind in KINDS}
        refs = [Ref(kinds[type(r)], kinds[type(r)].key(r)) for r in records]
        await self.records.update(
            refs,
            lambda state: Changed(answer=None, records=records),
            answer=type(None),
            timeout_s=2,
        )

    async def furnish(self, point: Point) -> None:
        """Its cabinet, heard a moment ago."""
        cabinet = furnished(
            None,
            cabinet_id=point.cabinet_id,
            point_id=point.point_id,
            location_id=point.location_id,
            compartments=point.compartments,
        )
        await self.put(point, replace(cabinet, seen_time=self.clock.now))


@asynccontextmanager
async def open_house(
    records: Records, log: EventLog, *, shelf_records: Records, clock: Clock
) -> AsyncIterator[House]:
    """One replica on these records, with two points in Paris and 10 lamps on the shelf."""
    line, catalogue = Line(), Catalogue()
    async with (
        open_inventory(shelf_records, clock=clock) as inventory,
        open_effects(inventory.address, Simulator(records)) as effects,
        open_parcel_effects(inventory.address) as parcel_effects,
        open_looking(inventory.address) as looking,
        serving_catalogue(catalogue) as sold,
    ):
        saga = Saga(records, line.over(effects.by_step()), clock=clock)
        tail = Tail(log, subjects=subjects)
        parcels = Parcels(records, parcel_effects.by_task(), saga, clock=clock)
        servicers = await servicers_of(records, saga, parcels, tail, sold, looking, clock)
        async with background(tail.run()), serving(*servicers) as channel:
            house = House(
                clock=clock,
                records=records,
                inventory=inventory,
                catalogue=catalogue,
                line=line,
                saga=saga,
                parcels=parcels,
                orders=pb_grpc.OrderServiceStub(channel),
                picking=picking_grpc.PickingServiceStub(channel),
            )
            await furnish(house)
            yield house
            line.mend()
            await parcels.settle()
            await saga.settle()


async def furnish(house: House) -> None:
    house.catalogue.put("LAMP", 1990)
    house.catalogue.put("CORD", 500)
    house.catalogue.put("SOFA", 99900, size=product_pb.PARCEL_SIZE_UNSPECIFIED)
    house.catalogue.put("CABLE", 125, decimals=3, unit="millimetre", step=100)
    await house.put(shops.place(), shops.counter(slot_capacity_count=50))
    await house.furnish(shops.locker(sizes=(Size.S, Size.M)))
    await house.inventory.put_on_shelf(LAMP=10, CORD=10, SOFA=1, CABLE=5000)


@asynccontextmanager
async def memory_house() -> AsyncIterator[House]:
    clock = clock_at(NOON)
    records = MemoryRecords((*KINDS, *CONSUMER_KINDS, ACTS), clock=clock)
    shelf_records = MemoryRecords(INVENTORY_KINDS, clock=clock)
    async with open_house(records, records.log, shelf_records=shelf_records, clock=clock) as house:
        yield house


def clock_at(now: datetime) -> Clock:
    clock = Clock()
    clock.now = now
    return clock
