"""The world of one order with a second shop, which may send what the first one lacks."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, cast

from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from chassis.answers import KEPT
from chassis.records import Ref, Where
from services.collect.order.bringing import NOTHING, Bringing, lacking
from services.collect.order.broken import BrokenHold, broken, is_early, may_be_replaced
from services.collect.order.line import Coming
from services.collect.order.values import Order
from services.collect.parcel import domain
from services.collect.parcel.asking import parcel_id_of
from services.collect.parcel.effects import ParcelEffects
from services.collect.parcel.store import PARCELS
from services.collect.parcel.values import Parcel, State, TaskName
from services.collect.parcel.workflow import Effect, ParcelChange, Parcels
from services.inventory.ledger.domain import Cause, Movement
from services.inventory.ledger.store import MOVEMENTS
from services.inventory.location.domain import Address, Location, LocationKind
from services.inventory.location.store import LOCATIONS
from tests.collect.order.asking import new_id
from tests.collect.order.resting import Rest
from tests.collect.order.till import Till, hold_of
from tests.collect.order.world import Replica, World
from tests.inventory.asking import movement, movements

LEAD = timedelta(hours=1)


class TwoShops(World):
    def __init__(self) -> None:
        super().__init__()
        effects = ParcelEffects(
            reservations=cast(Any, self.holding), stock=cast(Any, self.stock)
        ).by_task()
        resting = {name: partial(rested, effect) for name, effect in effects.items()}
        self.parcels = Parcels(self.records, resting, self.saga, clock=self.clock)
        lyon = Location(
            location_id="lyon",
            kind=LocationKind.SHOP,
            name="Lyon",
            address=Address(country="FR"),
            coordinates=None,
            time_zone="Europe/Paris",
        )
        self.put(self.shelves, Ref(LOCATIONS, "lyon"), lyon)

    def receive_there(self, sku: str, quantity: int) -> None:
        receipt = movement(quantity, 0, stock_pb.BUCKET_SELLABLE, sku=sku, location_id="lyon")
        self.done(self.stock.RecordMovements(movements(receipt, request_id=new_id())))

    def change(self, parcel: Parcel, change: ParcelChange) -> None:
        """As staff do. Raises what `change` does."""
        self.done(self.parcels.write(parcel.parcel_id, change))

    @property
    def sent(self) -> list[Parcel]:
        return self.done(self.records.select(PARCELS, Where(limit=100)))

    @property
    def movements(self) -> list[Movement]:
        return self.done(self.shelves.select(MOVEMENTS, Where(limit=1000)))

    def outside(self, sku: str) -> Counter[Cause]:
        """Units that came from outside less those that went there, by cause, at both shops."""
        net = Counter[Cause]()
        for each in self.movements:
            if each.sku == sku:
                net[each.cause] += each.quantity * (each.source.value == "outside")
                net[each.cause] -= each.quantity * (each.target.value == "outside")
        return net


class ParcelReplica(Replica):
    """One that takes a parcel over."""

    def __init__(self, world: TwoShops, parcel_id: str) -> None:
        self._world = world
        self._dead_time = world.clock.now + KEPT
        self._work = cast(Any, world.parcels.through(parcel_id))
        self.is_over = False


class TwoTills(Till):
    """A till at each shop; orders ask the other one for what the first lacks."""

    def __init__(self, world: TwoShops) -> None:
        super().__init__(world)
        self._shops = world

    def sells_there(self, sku: str, quantity: int) -> None:
        quantity = min(quantity, self._shops.row(sku, "lyon").sellable)
        if quantity:
            line = stock_pb.StockLine(location_id="lyon", sku=sku, quantity=quantity)
            sale = stock_pb.RecordSaleRequest(request_id=new_id(), lines=[line])
            self._shops.done(self._shops.stock.RecordSale(sale))
            self.sold[sku] += quantity

    def is_told(self) -> bool:
        for held in self._untold():
            hold = hold_of(held)
            parcels = {parcel.parcel_id: parcel for parcel in self._shops.sent}
            parcel = parcels.get(hold.order_id)
            if not (self._order_told(hold) if parcel is None else self._parcel_told(parcel, hold)):
                return False
            self._told_of(hold)
        return True

    def _order_told(self, hold: BrokenHold) -> bool:
        world, order = self._shops, self._shops.order
        if is_early(order, hold):
            return False
        free = self._free() if may_be_replaced(order, hold) else {}
        change = partial(broken, hold=hold, now=world.clock.now, free=free)
        bringing = self._bringing(order, lacking(order, change(order)))
        world.write(partial(change, bringing=bringing))
        return True

    def _parcel_told(self, parcel: Parcel, hold: BrokenHold) -> bool:
        if parcel.state is State.ASKED:
            return False
        quantities = {line.sku: line.quantity for line in hold.lines}
        change = partial(domain.broken, quantities=quantities, now=self._shops.clock.now)
        self._shops.change(parcel, change)
        return True

    def _bringing(self, order: Order, wanted: Mapping[str, int]) -> Bringing:
        """As a plan: a line is sent whole, or not at all."""
        now = self._shops.clock.now
        if not wanted or now + LEAD > order.hold_until:
            return NOTHING
        by_sku = {
            sku: Coming(
                parcel_id=parcel_id_of(order, "lyon", now),
                location_id="lyon",
                quantity=quantity,
                ask_time=now,
                leave_time=now,
                ready_time=now + LEAD,
            )
            for sku, quantity in wanted.items()
            if self._shops.row(sku, "lyon").available(now) >= quantity
        }
        return Bringing(by_sku=by_sku)


async def rested(effect: Effect, parcel: Parcel, name: TaskName) -> str:
    await Rest()
    result = await effect(parcel, name)
    await Rest()
    return result
