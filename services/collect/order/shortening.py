"""Has orders know what of their holds inventory has broken, and ask for others in its place.

An event leaves a note, in the transaction that moves the cursor; its order is written
afterwards, by any replica, with whatever it gives back by that. Twice is as once. Where
events are no longer kept, inventory is asked for the holds themselves.
"""

import asyncio
import logging
import random
from collections.abc import Mapping, Sequence
from functools import partial

import grpc
from comptoir.inventory.v1 import events_pb2
from comptoir.inventory.v1 import reservation_service_pb2 as reservation_pb
from comptoir.inventory.v1 import reservation_service_pb2_grpc as reservation_grpc
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1 import stock_service_pb2_grpc as stock_grpc
from comptoir.type.v1 import event_service_pb2 as event_pb
from comptoir.type.v1 import event_service_pb2_grpc as event_grpc

from chassis.changes import Changed
from chassis.client import acting_for
from chassis.clock import Clock, utc_now
from chassis.consumer import Consumer
from chassis.errors import AppError
from chassis.progress import Effect
from chassis.records import Records, Ref, State
from services.collect.order.bringing import lacking
from services.collect.order.broken import (
    BrokenHold,
    BrokenLine,
    broken,
    done_with,
    is_early,
    may_be_replaced,
    noted_over,
    told,
)
from services.collect.order.saga import UNSTAGED
from services.collect.order.store import BROKEN_HOLDS, ORDERS, broken_holds, in_states
from services.collect.order.values import Order
from services.collect.order.values import State as Life
from services.collect.order.workflow import WRITE_S, Saga
from services.collect.parcel.asking import newly_asked
from services.collect.parcel.domain import broken as parcel_broken
from services.collect.parcel.sourcing import Elsewhere
from services.collect.parcel.store import PARCELS, held
from services.collect.parcel.values import State as ParcelState
from services.collect.parcel.workflow import Parcels

LOOK_S = 1.0
PAGE_MAX = 100
# Orders that a broken hold changes.
HOLDING = (Life.PLACING, *UNSTAGED)

log = logging.getLogger(__name__)


def hold_consumer(
    events: "event_grpc.EventServiceAsyncStub",
    reservations: "reservation_grpc.ReservationServiceAsyncStub",
    records: Records,
) -> Consumer:
    """Notes what inventory says to be broken of what orders hold."""
    return Consumer(
        "broken_holds",
        events,
        records,
        {"reservation_broken": hold_broken},
        resync=partial(noted_anew, events, reservations, records),
    )


def hold_broken(event: event_pb.Event) -> Effect:
    """Handles inventory's `reservation_broken`, whose key is the reservation's id."""
    detail = events_pb2.ReservationBroken()
    event.detail.Unpack(detail)
    hold = BrokenHold(
        reservation_id=event.key,
        order_id=detail.document_id,
        lines=tuple(map(line_from_pb, detail.broken_lines)),
        revision=event.revision,
    )

    def change(state: State) -> Changed[None]:
        kept = told(state.find(BROKEN_HOLDS, hold.reservation_id), hold)
        return Changed(answer=None, records=() if kept is None else (kept,))

    return Effect((Ref(BROKEN_HOLDS, hold.reservation_id),), change)


def line_from_pb(line: stock_pb.StockLine) -> BrokenLine:
    return BrokenLine(sku=line.sku, quantity=line.quantity)


async def noted_anew(
    events: "event_grpc.EventServiceAsyncStub",
    reservations: "reservation_grpc.ReservationServiceAsyncStub",
    records: Records,
) -> str:
    """Note all that is broken of what orders hold; where inventory's events go on.

    An order that is being placed and does not know its reservation yet cannot be asked for:
    what broke of it in those seconds shows when it is picked.
    """
    head = (await events.GetHead(event_pb.GetHeadRequest())).cursor
    after_id = ""
    while orders := await in_states(records, HOLDING, after_id=after_id, limit=PAGE_MAX):
        found = [
            await held_now(reservations, order.order_id, reservation_id)
            for order in orders
            for reservation_id in (order.reservation_id, order.replacement_id)
            if reservation_id
        ]
        await note_all([hold for hold in found if hold is not None and hold.lines], records)
        after_id = orders[-1].order_id
    await parcels_noted_anew(reservations, records)
    return head


async def parcels_noted_anew(
    reservations: "reservation_grpc.ReservationServiceAsyncStub", records: Records
) -> None:
    after_id = ""
    while parcels := await held(records, after_id=after_id, limit=PAGE_MAX):
        found = [await held_now(reservations, p.parcel_id, p.reservation_id) for p in parcels]
        await note_all([hold for hold in found if hold is not None and hold.lines], records)
        after_id = parcels[-1].parcel_id


async def held_now(
    reservations: "reservation_grpc.ReservationServiceAsyncStub",
    document_id: str,
    reservation_id: str,
) -> BrokenHold | None:
    """None where inventory has lost it: whoever restored it has it made again."""
    asked = reservation_pb.GetReservationRequest(reservation_id=reservation_id)
    try:
        with acting_for(document_id):
            found = (await reservations.GetReservation(asked)).reservation
    except AppError as error:
        if error.reason != "UNKNOWN_RESERVATION":
            raise
        return None
    return BrokenHold(
        reservation_id=reservation_id,
        order_id=document_id,
        lines=tuple(map(line_from_pb, found.broken_lines)),
        revision=found.revision,
    )


async def note_all(holds: Sequence[BrokenHold], records: Records) -> None:
    """What inventory has now wins over any revision we had: it may have been restored."""

    def change(state: State) -> Changed[None]:
        kept = {each.reservation_id: each for each in state.all(BROKEN_HOLDS)}
        noted = (noted_over(kept.get(hold.reservation_id), hold) for hold in holds)
        return Changed(answer=None, records=tuple(noted))

    if holds:
        refs = [Ref(BROKEN_HOLDS, hold.reservation_id) for hold in holds]
        await records.update(refs, change, answer=type(None), timeout_s=WRITE_S)


class Shortening:
    """Any replica runs one. Of several at once each finds the order as the first has left it."""

    def __init__(
        self,
        records: Records,
        saga: Saga,
        *,
        stock: "stock_grpc.StockServiceAsyncStub",
        elsewhere: Elsewhere,
        parcels: Parcels,
        clock: Clock = utc_now,
    ) -> None:
        self._records = records
        self._saga = saga
        self._stock = stock
        self._elsewhere = elsewhere
        self._parcels = parcels
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled, through every absence of the engine."""
        while True:
            try:
                await self.tell_all()
            except AppError as error:
                log.warning("orders are told later of broken holds: %s", error.reason)
            except Exception:
                # Nobody waits for this task: what it raised would be noticed by its silence.
                log.exception("orders cannot be told of broken holds")
            await asyncio.sleep(random.uniform(LOOK_S / 2, LOOK_S))

    async def tell_all(self) -> None:
        """Every order of which something is noted, once. Raises AppError if none can be read."""
        after_id = ""
        while page := await broken_holds(self._records, after_id=after_id, limit=PAGE_MAX):
            for hold in page:
                await self._tell_quietly(hold)
            after_id = page[-1].reservation_id

    async def _tell_quietly(self, hold: BrokenHold) -> None:
        """One that cannot be told keeps no other from it."""
        try:
            await self._tell(hold)
        except AppError as error:
            log.warning("an order is told later of its broken hold: %s", error.reason)
        except Exception:
            log.exception("order %s cannot be told of its broken hold", hold.order_id)

    async def _tell(self, hold: BrokenHold) -> None:
        # Other teams' documents are no orders of ours. An order is never taken away.
        order = await self._records.find(ORDERS, hold.order_id)
        is_told = await (
            self._parcel_told(hold) if order is None else self._order_told(order, hold)
        )
        if is_told:
            await self._done(hold)

    async def _order_told(self, order: Order, hold: BrokenHold) -> bool:
        """False where it is too early to tell it."""
        if is_early(order, hold):
            return False
        free = await self._free(order, hold) if may_be_replaced(order, hold) else {}
        change = partial(broken, hold=hold, now=self._clock(), free=free)
        wanted = lacking(order, change(order))
        bringing = await self._elsewhere.bringing(order, wanted)
        change = partial(change, bringing=bringing)
        after = await self._saga.write(hold.order_id, change, seen=order)
        for parcel_id in newly_asked(order, after):
            self._parcels.drive(parcel_id)
        if after.todo:
            self._saga.drive(after.order_id)
        return True

    async def _parcel_told(self, hold: BrokenHold) -> bool:
        """As `_order_told`; of what is no parcel either there is nothing to tell."""
        parcel = await self._records.find(PARCELS, hold.order_id)
        if parcel is None:
            return True
        if parcel.state is ParcelState.ASKED:
            return False
        quantities = {line.sku: line.quantity for line in hold.lines}
        change = partial(parcel_broken, quantities=quantities, now=self._clock())
        after = await self._parcels.write(parcel.parcel_id, change)
        if after.todo:
            self._parcels.drive(after.parcel_id)
        return True

    async def _free(self, order: Order, hold: BrokenHold) -> Mapping[str, int]:
        """How many others are free at the order's location. Whether it gets them `Reserve` says.

        None where inventory does not answer: its customer is told now, not whenever it does.
        """
        request = stock_pb.BatchGetAvailabilityRequest(
            skus=[line.sku for line in hold.lines], location_ids=[order.location_id]
        )
        try:
            with acting_for(order.order_id):
                answer = await self._stock.BatchGetAvailability(request)
        except (AppError, grpc.aio.AioRpcError) as error:
            said = error.reason if isinstance(error, AppError) else error.code().name
            log.warning("nothing replaces what is broken of an order: %s", said)
            return {}
        return {row.sku: row.available_quantity for row in answer.availabilities}

    async def _done(self, hold: BrokenHold) -> None:
        def change(state: State) -> Changed[None]:
            after = done_with(state.find(BROKEN_HOLDS, hold.reservation_id), hold)
            return Changed(answer=None, records=() if after is None else (after,))

        refs = [Ref(BROKEN_HOLDS, hold.reservation_id)]
        await self._records.update(refs, change, answer=type(None), timeout_s=WRITE_S)
