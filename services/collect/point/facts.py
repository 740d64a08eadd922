"""Reads what pick-up options are decided by: points, stock, parcels, slots and cabinets.

Each once for all points of an answer. Nothing read here decides what an order gets:
that is decided again in the write that takes it.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.catalog.v1 import product_service_pb2_grpc as product_grpc
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1 import stock_service_pb2_grpc as stock_grpc

from chassis.errors import AppError
from chassis.records import SELECT_MAX, Key, Records
from services.collect.locker.cabinet import Cabinet
from services.collect.locker.store import CABINETS
from services.collect.point.domain import PointKind, Size, Slot, slot_id_of, spans
from services.collect.point.hours import Span
from services.collect.point.lines import Line
from services.collect.point.options import (
    SLOTS_MAX,
    OfferedSlot,
    Option,
    Stock,
    offered,
    option_of,
)
from services.collect.point.store import SLOTS, Nearby, chunks
from services.collect.point.wire import size_from_products

PAIRS_MAX = 2000  # Of one BatchGetAvailability, with at most so many locations:
LOCATIONS_MAX = 200
UNKNOWN_LOCATION = "UNKNOWN_LOCATION"  # Inventory's reason where it has none of them.


class Facts:
    def __init__(
        self,
        records: Records,
        *,
        stock: "stock_grpc.StockServiceAsyncStub",
        products: "product_grpc.ProductServiceAsyncStub",
    ) -> None:
        self._records = records
        self._stock = stock
        self._products = products

    async def options(
        self, found: Sequence[Nearby], lines: Sequence[Line], now: datetime
    ) -> list[Option]:
        """What each of the points offers for all of the lines, in their order."""
        stock, size, slots, cabinets = await asyncio.gather(
            self._stock_at(dict.fromkeys(n.point.location_id for n in found), lines),
            self._size(found, lines),
            self._slots(found, now),
            self._cabinets(found),
        )
        return [
            option_of(
                nearby.point,
                nearby.place,
                distance_m=nearby.distance_m,
                stock=stock[nearby.point.location_id],
                slots=slots[nearby.point.point_id],
                cabinet=cabinets.get(nearby.point.cabinet_id),
                size=size,
                now=now,
            )
            for nearby in found
        ]

    async def _stock_at(
        self, location_ids: Collection[str], lines: Sequence[Line]
    ) -> dict[str, Stock]:
        at_once = min(LOCATIONS_MAX, PAIRS_MAX // len(lines))
        answers = await asyncio.gather(
            *(self._available(ids, lines) for ids in chunks(list(location_ids), at_once))
        )
        rows = [row for answer in answers for row in answer]
        return {
            at: stock_of(lines, [r for r in rows if r.location_id == at]) for at in location_ids
        }

    async def _available(
        self, location_ids: Sequence[str], lines: Sequence[Line]
    ) -> Sequence[stock_pb.Availability]:
        """Nothing at locations that inventory does not have, as after it was restored alone."""
        request = stock_pb.BatchGetAvailabilityRequest(
            skus=[line.sku for line in lines], location_ids=location_ids
        )
        try:
            return (await self._stock.BatchGetAvailability(request)).availabilities
        except AppError as error:
            if error.reason != UNKNOWN_LOCATION:
                raise
            return ()

    async def _size(self, found: Sequence[Nearby], lines: Sequence[Line]) -> Size | None:
        if not any(nearby.point.kind is PointKind.LOCKER for nearby in found):
            return None
        quantity_by_sku = {line.sku: line.quantity for line in lines}
        request = product_pb.BatchGetProductsRequest(skus=list(quantity_by_sku))
        answer = await self._products.BatchGetProducts(request)
        return size_from_products(answer.products, quantity_by_sku)

    async def _slots(
        self, found: Sequence[Nearby], now: datetime
    ) -> dict[str, tuple[OfferedSlot, ...]]:
        """The next SLOTS_MAX with room at each point.

        One read is enough unless some are full; each further one looks as far again.
        """
        ahead = {n.point.point_id: list(spans(n.place, n.point, now)) for n in found}
        slots: dict[str, tuple[OfferedSlot, ...]] = dict.fromkeys(ahead, ())
        points = [nearby.point for nearby in found]
        while points:
            count = min(SLOTS_MAX, SELECT_MAX // len(points))
            looked = {p.point_id: ahead[p.point_id][:count] for p in points}
            taken = await self._taken(looked)
            for point in points:
                point_id = point.point_id
                slots[point_id] += offered(point, looked[point_id], taken)
                del ahead[point_id][:count]
            points = [p for p in points if ahead[p.point_id] and len(slots[p.point_id]) < SLOTS_MAX]
        return {point_id: found_slots[:SLOTS_MAX] for point_id, found_slots in slots.items()}

    async def _taken(self, looked: Mapping[str, Sequence[Span]]) -> dict[str, Slot]:
        ids = [slot_id_of(at, start) for at, ahead in looked.items() for start, _ in ahead]
        found = await self._records.find_many(SLOTS, ids)
        return {slot.slot_id: slot for slot in found.values()}

    async def _cabinets(self, found: Sequence[Nearby]) -> dict[Key, Cabinet]:
        ids = [n.point.cabinet_id for n in found if n.point.kind is PointKind.LOCKER]
        return await self._records.find_many(CABINETS, ids)


def stock_of(lines: Sequence[Line], rows: Sequence[stock_pb.Availability]) -> Stock:
    """What the location of `rows` lacks of the lines."""
    available = {row.sku: row.available_quantity for row in rows}
    ends = [
        row.valid_until_time.ToDatetime(UTC) for row in rows if row.HasField("valid_until_time")
    ]
    return Stock(
        short_skus=tuple(line.sku for line in lines if available.get(line.sku, 0) < line.quantity),
        valid_until_time=min(ends, default=None),
    )
