"""Orders without an event loop: the real saga, stock and payments, each call one step at a time.

A replica is a coroutine that rests before and after every call it makes. Whoever steps
it decides how calls interleave, which are lost, and who dies meanwhile.
"""

from collections import Counter
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar, cast

from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from chassis.answers import KEPT
from chassis.changes import Changed
from chassis.events import MemoryLog
from chassis.memory_records import MemoryRecords
from chassis.records import Key, Records, Ref, Where
from chassis.records import Kind as RecordKind
from chassis.requests import request_for
from services.collect.kinds import KINDS
from services.collect.locker.cabinet import Cabinet, EntryKind, JournalEntry, UseState
from services.collect.locker.domain import furnished
from services.collect.locker.store import CABINETS
from services.collect.order.domain import CONFIRM_WITHIN, LeaseLostError
from services.collect.order.effects import Effects
from services.collect.order.placing import taken
from services.collect.order.store import ORDERS
from services.collect.order.values import Order
from services.collect.order.workflow import Saga
from services.collect.payment.domain import SimulatedPayment
from services.collect.payment.store import PAYMENTS, Simulator
from services.collect.picking.workflow import Doors, journal_change, refs_for
from services.collect.point import domain as point
from services.collect.point.domain import Point, Size, Slot
from services.collect.point.store import SLOTS
from services.inventory.balance.store import RecordsBalances
from services.inventory.books import Books
from services.inventory.kinds import KINDS as INVENTORY_KINDS
from services.inventory.limit.store import KnownLimits
from services.inventory.location.domain import Address, Location, LocationKind
from services.inventory.location.store import LOCATIONS, KnownLocations
from services.inventory.reservation.domain import Reservation
from services.inventory.reservation.servicer import ReservationServicer
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.stock.domain import Place, StockRow
from services.inventory.stock.servicer import StockServicer
from services.inventory.stock.store import ROWS
from tests.collect import shops
from tests.collect.order.asking import new_id
from tests.collect.order.line import AwayError
from tests.collect.order.orders import NOON, SLOT_START
from tests.collect.order.resting import Servicer, rested
from tests.inventory.asking import movement, movements
from tests.inventory.house import Clock

T = TypeVar("T")
PARIS = shops.place()
COUNTER, LOCKER = shops.counter(), shops.locker(sizes=(Size.M,))
REQUEST = request_for(
    subject="anna", method="PlaceOrder", request_id="0190163d-8694-739b-aea5-966c26f8ad91", body=b""
)
SKUS = ("LAMP", "CORD")


class Replica:
    """One that drives an order, just `written` or by taking it over."""

    def __init__(self, world: "World", written: Order | None) -> None:
        self._world = world
        # Nobody stands still for longer than a step's undo is kept, and then sends the step.
        self._dead_time = world.clock.now + KEPT
        self._work = world.saga.through(REQUEST.made_id, written)
        self.is_over = False

    def goes_on(self) -> None:
        """Up to just before its next call, or just after."""
        if self._world.clock.now >= self._dead_time:
            self.dies()
        else:
            self._step(lambda: self._work.send(None))

    def loses_its_line(self) -> None:
        """Its next call, or the answer to it, is lost."""
        self.goes_on()
        if not self.is_over:
            self._step(lambda: self._work.throw(AwayError("the line is cut")))

    def dies(self) -> None:
        self._work.close()
        self.is_over = True

    def _step(self, step: Callable[[], object]) -> None:
        try:
            self._world.run(step)
        except (StopIteration, LeaseLostError):
            self.is_over = True


class World:
    """One order, whose customer is Anna, and all that it touches."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.clock.now = NOON
        self.records: Records = MemoryRecords(KINDS, clock=self.clock)
        self.shelves: Records = MemoryRecords(INVENTORY_KINDS, clock=self.clock)
        self._context = copy_context()
        shelves = self.shelves
        books = Books(
            records=shelves,
            updates=shelves,
            locations=KnownLocations(shelves),
            limits=KnownLimits(shelves),
            clock=self.clock,
        )
        balances = RecordsBalances(shelves)
        self.stock = Servicer(StockServicer(books, log=MemoryLog(), balances=balances))
        self.holding = Servicer(ReservationServicer(books))
        effects = Effects(
            reservations=cast(Any, self.holding),
            stock=cast(Any, self.stock),
            payments=Simulator(self.records),
        )
        resting = {name: partial(rested, effect) for name, effect in effects.by_step().items()}
        self.saga = Saga(self.records, resting, clock=self.clock)
        self.received = Counter[str]()
        self._open_shop()

    def _open_shop(self) -> None:
        where = Location(
            location_id="paris",
            kind=LocationKind.SHOP,
            name="Paris",
            address=Address(country="FR"),
            coordinates=None,
            time_zone="Europe/Paris",
        )
        self.put(self.shelves, Ref(LOCATIONS, "paris"), where)
        cabinet = furnished(
            None,
            cabinet_id="cabinet-1",
            point_id="paris-locker",
            location_id="paris",
            compartments=LOCKER.compartments,
        )
        self.put(self.records, Ref(CABINETS, "cabinet-1"), cabinet)

    def put(self, records: Records, ref: Ref[Any], record: object) -> None:
        def change(state: Any) -> Changed[None]:
            return Changed(answer=None, records=(record,))

        self.done(records.update([ref], change, answer=type(None), timeout_s=2))

    def run(self, step: Callable[[], T]) -> T:
        return self._context.run(step)

    def done(self, work: Coroutine[Any, Any, T]) -> T:
        """What `work` answers, which waits for nothing."""
        try:
            self.run(lambda: work.send(None))
        except StopIteration as stop:
            return cast(T, stop.value)
        raise AssertionError("it waits for something")

    def receive(self, sku: str, quantity: int) -> None:
        """Goods for the shelf."""
        receipt = movement(quantity, 0, stock_pb.BUCKET_SELLABLE, sku=sku, location_id="paris")
        self.done(self.stock.RecordMovements(movements(receipt, request_id=new_id())))
        self.received[sku] += quantity

    def place(self, order: Order) -> Replica:
        """Place it, or place it again. Raises what taking the slot and compartment does."""
        where = LOCKER if order.in_locker else COUNTER
        asked = replace(
            order,
            order_id=REQUEST.made_id,
            body_hash=REQUEST.body_hash,
            slot_id=point.slot_id_of(where.point_id, SLOT_START),
            create_time=self.clock.now,
            confirm_by_time=self.clock.now + CONFIRM_WITHIN,
            hold_s=int((order.hold_until - self.clock.now).total_seconds()),
        )
        written = self._write(asked, where)
        return Replica(self, written)

    def _write(self, order: Order, where: Point) -> Order:
        point.span_of(PARIS, where, order.slot_id, self.clock.now)
        refs: list[Ref[Any]] = [Ref(ORDERS, order.order_id), Ref(SLOTS, order.slot_id)]
        refs += [Ref(CABINETS, order.cabinet_id)] * order.in_locker
        change = partial(
            taken,
            order=order,
            size=Size.M,
            where=where,
            request=REQUEST,
            now=self.clock.now,
            lease=self.saga.lease,
        )
        return self.done(self.records.update(refs, change, answer=Order, timeout_s=2))

    def write(self, change: Callable[[Order], Order]) -> None:
        """As a servicer does for staff or customer. Raises what `change` does."""
        self.done(self.saga.write(REQUEST.made_id, change))

    def ask_door(self) -> None:
        """Somebody wants to load it. Raises OrderNotStagedError, IllegalUseError."""
        there = replace(self.cabinet, seen_time=self.clock.now)
        self.put(self.records, Ref(CABINETS, "cabinet-1"), there)
        request = request_for(
            subject="sam", method="LoadLocker", request_id=new_id(), body=b"load it"
        )
        doors = Doors(self.records, clock=self.clock)
        self.done(doors.load(self.order, request, timeout_s=2))

    def cabinet_says(self, kind: EntryKind) -> None:
        cabinet = self.cabinet
        entry = JournalEntry(
            cabinet_id="cabinet-1",
            sequence=cabinet.journal_sequence + 1,
            kind=kind,
            occur_time=self.clock.now,
            compartment_id="A1",
            generation=cabinet.uses[0].generation,
            order_id=REQUEST.made_id,
        )

        def change(state: Any) -> Changed[Cabinet]:
            return journal_change(state, entry, self.clock.now)

        refs = refs_for("cabinet-1", entry)
        self.done(self.records.update(refs, change, answer=Cabinet, timeout_s=2))

    def found(self, kind: RecordKind[T], key: Key) -> T:
        return self.done(self.records.find_many(kind, [key]))[key]

    @property
    def order(self) -> Order:
        return self.found(ORDERS, REQUEST.made_id)

    @property
    def cabinet(self) -> Cabinet:
        return self.found(CABINETS, "cabinet-1")

    @property
    def use_state(self) -> UseState | None:
        """What the only compartment is for; None if the order does not have it."""
        use = self.cabinet.uses[0]
        return use.state if use.order_id else None

    @property
    def slot(self) -> Slot | None:
        """The order's; None once it was over for so long that it is forgotten."""
        slot_id = self.order.slot_id
        return self.done(self.records.find_many(SLOTS, [slot_id])).get(slot_id)

    def row(self, sku: str, location_id: str = "paris") -> StockRow:
        place = Place(location_id, sku)
        rows = self.done(self.shelves.find_many(ROWS, [place]))
        return rows.get(place) or StockRow(location_id=location_id, sku=sku)

    @property
    def reservations(self) -> list[Reservation]:
        return self.done(self.shelves.select(RESERVATIONS, Where(limit=100)))

    @property
    def payments(self) -> list[SimulatedPayment]:
        return self.done(self.records.select(PAYMENTS, Where(limit=100)))
