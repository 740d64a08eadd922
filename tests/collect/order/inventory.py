"""The real inventory beside collect: its servicers, and what a test asks of its books.

Tests alone may know both services; they still meet at protos, over gRPC.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import grpc
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1 import location_service_pb2_grpc as location_grpc
from comptoir.inventory.v1 import reservation_service_pb2 as reservation_pb
from comptoir.inventory.v1 import reservation_service_pb2_grpc as reservation_grpc
from comptoir.inventory.v1 import sourcing_service_pb2_grpc as sourcing_grpc
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1 import stock_service_pb2_grpc as pb_grpc
from prometheus_client import CollectorRegistry

from chassis.client import CALL_S_MAX, Channel, actor
from chassis.clock import Clock
from chassis.committer import Committer
from chassis.events import EventLog, MemoryLog
from chassis.records import Records, Where
from services.collect.order.effects import Effects
from services.collect.parcel.effects import ParcelEffects
from services.collect.payment.domain import Provider
from services.collect.picking.looking import Looking
from services.inventory.balance.store import RecordsBalances
from services.inventory.books import Books
from services.inventory.limit.store import KnownLimits
from services.inventory.location.servicer import LocationServicer
from services.inventory.location.store import KnownLocations, Listing
from services.inventory.reservation.servicer import ReservationServicer
from services.inventory.reservation.store import RESERVATIONS
from services.inventory.sourcing.planning import Weights
from services.inventory.sourcing.plans import open_plans
from services.inventory.sourcing.servicer import SourcingServicer
from services.inventory.stock.servicer import StockServicer
from tests.inventory.asking import level, shop
from tests.inventory.house import ERP, MARKET
from tests.inventory.importing import iter_of, last_progress
from tests.serving import calling_as, serving_at


class InTheNameOf(grpc.aio.UnaryUnaryClientInterceptor):
    """Adds the metadata by which the tests' servers know a service, and what it works for."""

    def __init__(self, service: str) -> None:
        self._service = service

    async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        metadata = calling_as(self._service, f"service:{self._service}", actor=actor())
        return await continuation(details._replace(metadata=grpc.aio.Metadata(*metadata)), request)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Inventory with a shop in Paris. `address` is for other processes."""

    address: str
    records: Records
    clock: Clock
    locations: "location_grpc.LocationServiceAsyncStub"
    stock: "pb_grpc.StockServiceAsyncStub"
    sourcing: "sourcing_grpc.SourcingServiceAsyncStub"
    reservations: "reservation_grpc.ReservationServiceAsyncStub"
    limits: KnownLimits

    async def put_on_shelf(self, **sellable_by_sku: int) -> None:
        await self.put_at("paris", **sellable_by_sku)

    async def put_at(self, location_id: str, /, **sellable_by_sku: int) -> None:
        levels = [
            level(sku, count, location_id=location_id, number=number)
            for number, (sku, count) in enumerate(sellable_by_sku.items(), 1)
        ]
        progress = await last_progress(self.stock.ImportStock(iter_of(levels), metadata=ERP))
        assert not progress.rejections

    async def hold(self, sku: str, quantity: int) -> None:
        """As another team does for itself."""
        line = pb.StockLine(location_id="paris", sku=sku, quantity=quantity)
        request = reservation_pb.ReserveRequest(request_id=str(uuid4()), lines=[line])
        await self.reservations.Reserve(request, metadata=MARKET)

    async def row(self, sku: str, location_id: str = "paris") -> pb.StockRow:
        """As the books have it, which are proven by their movements."""
        request = pb.VerifyBalanceRequest(location_id=location_id, sku=sku)
        answer = await self.stock.VerifyBalance(request, metadata=ERP)
        assert answer.balanced
        return answer.row

    async def where(self, sku: str, location_id: str = "paris") -> dict[str, int]:
        """Units by bucket, and those `held`, where there are any."""
        row = await self.row(sku, location_id)
        found = {pb.Bucket.Name(b.bucket)[7:].lower(): b.quantity for b in row.buckets}
        found["held"] = sum(claim.quantity for claim in row.claims)
        found["short"] = row.short_quantity
        return {name: quantity for name, quantity in found.items() if quantity}

    async def moves(self, sku: str) -> list[str]:
        """What has happened since the receipt, oldest first: `sellable to staged: 2 order`."""
        request = pb.ExplainQuantityRequest(location_id="paris", sku=sku)
        answer = await self.stock.ExplainQuantity(request, metadata=ERP)
        told = [m for m in reversed(answer.movements) if m.cause != pb.CAUSE_RECEIPT]
        return [move_text(m) for m in told]

    async def reservation_states(self) -> list[str]:
        """Of all that collect ever made."""
        where = Where(equal={"owner": "collect"}, limit=1000)
        found = await self.records.select(RESERVATIONS, where)
        return [reservation.at(self.clock()).status.name for reservation in found]


def move_text(movement: pb.Movement) -> str:
    source, target = (
        pb.Bucket.Name(bucket).removeprefix("BUCKET_").replace("UNSPECIFIED", "outside").lower()
        for bucket in (movement.source, movement.target)
    )
    cause = pb.Cause.Name(movement.cause).removeprefix("CAUSE_").lower()
    return f"{source} to {target}: {movement.quantity} {cause}"


@asynccontextmanager
async def open_inventory(
    records: Records, *, clock: Clock, log: EventLog | None = None
) -> AsyncIterator[Inventory]:
    limits, locations = KnownLimits(records), KnownLocations(records)
    books = Books(
        records=records,
        updates=Committer(records, registry=CollectorRegistry()),
        locations=locations,
        limits=limits,
        clock=clock,
    )
    servicers = (
        LocationServicer(records),
        StockServicer(books, log=log or MemoryLog(), balances=RecordsBalances(records)),
        ReservationServicer(books),
    )
    async with (
        planning(records, locations, clock) as sourcing,
        serving_at(*servicers, sourcing) as address,
        grpc.aio.insecure_channel(address) as channel,
    ):
        inventory = Inventory(
            address=address,
            records=records,
            clock=clock,
            locations=location_grpc.LocationServiceStub(channel),
            stock=pb_grpc.StockServiceStub(channel),
            sourcing=sourcing_grpc.SourcingServiceStub(channel),
            reservations=reservation_grpc.ReservationServiceStub(channel),
            limits=limits,
        )
        await import_shop(inventory, "paris")
        yield inventory


@asynccontextmanager
async def planning(
    records: Records, locations: KnownLocations, clock: Clock
) -> AsyncIterator[SourcingServicer]:
    with open_plans() as plans:
        yield SourcingServicer(
            records,
            locations=locations,
            listing=Listing(records),
            plans=plans,
            weights=Weights(),
            clock=clock,
        )


async def import_shop(inventory: Inventory, location_id: str) -> None:
    item = location_pb.ImportLocationsRequest(number=1, location=shop(location_id))
    call = inventory.locations.ImportLocations(iter_of([item]), metadata=ERP)
    assert not (await last_progress(call)).rejections


@asynccontextmanager
async def open_channel(address: str) -> AsyncIterator[Channel]:
    """One of the house, as collect."""
    name = InTheNameOf("collect")
    async with grpc.aio.insecure_channel(address, interceptors=[name]) as opened:
        yield Channel(opened, None, CALL_S_MAX)


@asynccontextmanager
async def open_effects(address: str, payments: Provider) -> AsyncIterator[Effects]:
    """The steps of orders as collect sends them."""
    async with open_channel(address) as channel:
        yield Effects(
            reservations=reservation_grpc.ReservationServiceStub(channel),
            stock=pb_grpc.StockServiceStub(channel),
            payments=payments,
        )


@asynccontextmanager
async def open_parcel_effects(address: str) -> AsyncIterator[ParcelEffects]:
    async with open_channel(address) as channel:
        yield ParcelEffects(
            reservations=reservation_grpc.ReservationServiceStub(channel),
            stock=pb_grpc.StockServiceStub(channel),
        )


@asynccontextmanager
async def open_looking(address: str) -> AsyncIterator[Looking]:
    async with open_channel(address) as channel:
        yield Looking(pb_grpc.StockServiceStub(channel))
