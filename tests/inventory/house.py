"""Inventory with its servicers on a real server, for the tests of its aggregates."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import grpc
from comptoir.inventory.v1 import count_service_pb2_grpc as count_grpc
from comptoir.inventory.v1 import limit_service_pb2_grpc as limit_grpc
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1 import location_service_pb2_grpc as location_grpc
from comptoir.inventory.v1 import period_service_pb2_grpc as period_grpc
from comptoir.inventory.v1 import reservation_service_pb2_grpc as reservation_grpc
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1 import stock_service_pb2_grpc as stock_grpc
from comptoir.type.v1 import rejection_pb2
from prometheus_client import CollectorRegistry

from chassis.committer import Committer
from chassis.events import EventLog
from chassis.memory_records import MemoryRecords
from chassis.mongo import Database
from chassis.mongo_log import MongoLog
from chassis.mongo_records import MongoRecords
from chassis.records import Records
from chassis.sequencer import Sequencer
from chassis.signals import Signal
from chassis.tail import Tail
from services.inventory.balance.mongo import MongoBalances
from services.inventory.balance.store import Balances, RecordsBalances
from services.inventory.books import Books
from services.inventory.count.servicer import CountServicer
from services.inventory.kinds import KINDS
from services.inventory.limit.servicer import LimitServicer
from services.inventory.limit.store import KnownLimits
from services.inventory.location.servicer import LocationServicer
from services.inventory.location.store import KnownLocations
from services.inventory.period.servicer import PeriodServicer
from services.inventory.reservation.servicer import ReservationServicer
from services.inventory.stock.servicer import StockServicer
from tests.inventory.asking import level, shop
from tests.inventory.importing import iter_of, last_progress
from tests.serving import calling_as, reason_of, serving

COLLECT = calling_as("collect", "service:collect")
FOR_ORDER_1 = calling_as("collect", "service:collect", actor="order-1")
FOR_ORDER_2 = calling_as("collect", "service:collect", actor="order-2")
MARKET = calling_as("market", "client:stock.reserve", "client:stock.read")
TILL = calling_as("till", "client:sale.write")
ERP = calling_as("erp", "client:inventory.write", "client:stock.read")
OPERATOR = calling_as("operator", "client:stock.operate", "client:stock.read")
ANNA = calling_as("anna", "customer")


OPEN_S = 40 * 86_400.0


class Clock:
    now = datetime(2026, 1, 2, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Inventory with a shop in Lyon and one in Lille."""

    clock: Clock
    records: Records
    log: EventLog
    balances: Balances
    locations: "location_grpc.LocationServiceAsyncStub"
    stock: "stock_grpc.StockServiceAsyncStub"
    reservations: "reservation_grpc.ReservationServiceAsyncStub"
    counts: "count_grpc.CountServiceAsyncStub"
    limits: "limit_grpc.LimitServiceAsyncStub"
    periods: "period_grpc.PeriodServiceAsyncStub"

    async def put_on_shelf(self, sku: str, sellable: int, *, location_id: str = "lyon") -> None:
        progress = await self.import_levels(level(sku, sellable, location_id=location_id))
        assert not progress.rejections

    async def import_levels(
        self, *levels: stock_pb.ImportStockRequest
    ) -> rejection_pb2.ImportProgress:
        return await last_progress(self.stock.ImportStock(iter_of(levels), metadata=ERP))

    async def import_locations(
        self, *locations: location_pb.Location
    ) -> rejection_pb2.ImportProgress:
        items = [
            location_pb.ImportLocationsRequest(number=number, location=location)
            for number, location in enumerate(locations, start=1)
        ]
        return await last_progress(self.locations.ImportLocations(iter_of(items), metadata=ERP))

    async def availability(self, sku: str, location_id: str = "lyon") -> stock_pb.Availability:
        request = stock_pb.BatchGetAvailabilityRequest(skus=[sku], location_ids=[location_id])
        answer = await self.stock.BatchGetAvailability(request, metadata=ANNA)
        return answer.availabilities[0]

    async def is_balanced(self, sku: str, location_id: str = "lyon") -> bool:
        request = stock_pb.VerifyBalanceRequest(location_id=location_id, sku=sku)
        return (await self.stock.VerifyBalance(request, metadata=ERP)).balanced


def books_of(house: House) -> Books:
    """For what is served beside the house, on the same records, one write at a time."""
    return Books(
        records=house.records,
        updates=house.records,
        locations=KnownLocations(house.records),
        limits=KnownLimits(house.records),
        clock=house.clock,
    )


@asynccontextmanager
async def opened_house(
    records: Records, log: EventLog, balances: Balances, clock: Clock
) -> AsyncIterator[House]:
    books = Books(
        records=records,
        updates=Committer(records, registry=CollectorRegistry()),
        locations=KnownLocations(records),
        limits=KnownLimits(records),
        clock=clock,
    )
    stock = StockServicer(books, log=log, balances=balances)
    periods = PeriodServicer(books, balances=balances, open_s=OPEN_S)
    reservations, counts = ReservationServicer(books), CountServicer(books)
    servicers = (LocationServicer(records), stock, reservations, counts, LimitServicer(books))
    async with serving(*servicers, periods) as channel:
        house = House(
            clock=clock,
            records=records,
            log=log,
            balances=balances,
            locations=location_grpc.LocationServiceStub(channel),
            stock=stock_grpc.StockServiceStub(channel),
            reservations=reservation_grpc.ReservationServiceStub(channel),
            counts=count_grpc.CountServiceStub(channel),
            limits=limit_grpc.LimitServiceStub(channel),
            periods=period_grpc.PeriodServiceStub(channel),
        )
        await house.import_locations(shop("lyon"), shop("lille"))
        yield house


@asynccontextmanager
async def memory_house() -> AsyncIterator[House]:
    clock = Clock()
    records = MemoryRecords(KINDS, clock=clock)
    async with opened_house(records, records.log, RecordsBalances(records), clock) as house:
        yield house


@asynccontextmanager
async def mongo_house(database: Database) -> AsyncIterator[House]:
    clock, outbox, appended = Clock(), Signal(), Signal()
    records = MongoRecords(database, KINDS, clock=clock, committed=outbox.set)
    await records.ensure_indexes()
    log = MongoLog(database, appended)
    await log.ensure_epoch()
    tail = Tail(log)
    sequencer = Sequencer(database, outbox=outbox, appended=appended)
    tasks = [asyncio.create_task(run()) for run in (sequencer.run, tail.run)]
    try:
        async with opened_house(records, tail, MongoBalances(database), clock) as house:
            yield house
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def refused(call: Awaitable[object]) -> str:
    """Code and reason with which `call` fails; empty if it does not."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return f"{error.code().name} {reason_of(error)}"
    return ""


async def message_of(call: Awaitable[object]) -> str:
    """What whoever is refused reads."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return error.details() or ""
    return ""
