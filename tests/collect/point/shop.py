"""The point service on a real server with inventory and catalogue beside it."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import grpc
from comptoir.catalog.v1 import product_service_pb2_grpc as product_grpc
from comptoir.collect.v1 import point_service_pb2 as pb
from comptoir.collect.v1 import point_service_pb2_grpc as pb_grpc
from comptoir.inventory.v1 import location_service_pb2_grpc as location_grpc
from comptoir.inventory.v1 import stock_service_pb2_grpc as stock_grpc
from comptoir.type.v1 import event_service_pb2_grpc as event_grpc
from comptoir.type.v1.rejection_pb2 import ImportProgress

from chassis.changes import Changed
from chassis.records import Kind, Records, Ref
from services.collect.locker.cabinet import Cabinet
from services.collect.locker.store import CABINETS
from services.collect.point.domain import Point
from services.collect.point.facts import Facts
from services.collect.point.servicer import PointServicer
from services.collect.point.store import POINT_KINDS
from services.collect.point.wire import point_to_pb
from services.collect.point.workflow import Places
from tests.collect.neighbours import Neighbours, serving_neighbours
from tests.collect.shops import paris
from tests.serving import calling_as, serving

KINDS: tuple[Kind[object], ...] = (*POINT_KINDS, CABINETS)  # type: ignore[assignment]
ANNA = calling_as("anna", "customer")
IMPORTER = calling_as("erp", "client:collect.write")
NOON = paris("2026-11-23 12:00")


@dataclass(slots=True)
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    records: Records
    neighbours: Neighbours
    places: Places
    stub: "pb_grpc.PointServiceAsyncStub"
    clock: Clock = field(default_factory=Clock)

    async def bring(self, points: Iterable[Point]) -> ImportProgress:
        """Import them; the last progress, with the rejections of all."""
        answers = await self.bring_pb([point_to_pb(point) for point in points])
        last = ImportProgress()
        last.CopyFrom(answers[-1])
        del last.rejections[:]
        last.rejections.extend(r for answer in answers for r in answer.rejections)
        return last

    async def bring_pb(self, points: Sequence[pb.Point]) -> list[ImportProgress]:
        items = (
            pb.ImportPointsRequest(number=number, point=point)
            for number, point in enumerate(points, 1)
        )
        call = self.stub.ImportPoints(items, metadata=IMPORTER)
        return [response.progress async for response in call]

    async def options(
        self,
        lines: Sequence[tuple[str, int]] = (("LAMP", 1),),
        *,
        near: tuple[float, float] = (0, 0),
        location_ids: Sequence[str] = (),
        page_size: int = 0,
    ) -> list[pb.PickUpOption]:
        request = pb.ListPickUpOptionsRequest(
            lines=[pb.BasketLine(sku=sku, quantity=quantity) for sku, quantity in lines],
            latitude=near[0],
            longitude=near[1],
            location_ids=location_ids,
            page_size=page_size,
        )
        return list((await self.stub.ListPickUpOptions(request, metadata=ANNA)).options)

    async def put(self, *records: object) -> None:
        """As if another part of the service had written them."""
        refs = [Ref(kind, kind.key(r)) for r in records for kind in KINDS if kind.type is type(r)]
        await self.records.update(
            refs,
            lambda state: Changed(answer=None, records=records),
            answer=type(None),
            timeout_s=2,
        )

    async def hear(self, cabinet_id: str) -> Cabinet:
        """The cabinet, heard one second ago."""
        cabinet = await self.records.find(CABINETS, cabinet_id)
        assert cabinet is not None
        heard = replace(cabinet, seen_time=self.clock.now - timedelta(seconds=1))
        await self.put(heard)
        return heard


@asynccontextmanager
async def opened(records: Records) -> AsyncIterator[Shop]:
    neighbours, clock = Neighbours(), Clock()
    async with serving_neighbours(neighbours) as channel:
        places = Places(
            records,
            location_grpc.LocationServiceStub(channel),
            event_grpc.EventServiceStub(channel),
        )
        facts = Facts(
            records,
            stock=stock_grpc.StockServiceStub(channel),
            products=product_grpc.ProductServiceStub(channel),
        )
        servicer = PointServicer(records, places=places, facts=facts, clock=clock)
        async with serving(servicer) as served:
            yield shop_at(served, records, neighbours, places, clock)


def shop_at(
    served: grpc.aio.Channel,
    records: Records,
    neighbours: Neighbours,
    places: Places,
    clock: Clock,
) -> Shop:
    return Shop(
        records=records,
        neighbours=neighbours,
        places=places,
        stub=pb_grpc.PointServiceStub(served),
        clock=clock,
    )
