"""Composition root of inventory: what it keeps, serves, and does in the background."""

import grpc
from comptoir.inventory.v1 import (
    count_service_pb2,
    count_service_pb2_grpc,
    location_service_pb2,
    location_service_pb2_grpc,
    reservation_service_pb2,
    reservation_service_pb2_grpc,
    stock_service_pb2,
    stock_service_pb2_grpc,
)

from chassis import config, runtime, server
from chassis.committer import committing
from chassis.runtime import Parts, Runtime
from services.inventory.balance.mongo import MongoBalances
from services.inventory.count.servicer import CountServicer
from services.inventory.events import DETAILS
from services.inventory.kinds import KINDS
from services.inventory.location.servicer import LocationServicer
from services.inventory.location.store import KnownLocations
from services.inventory.reservation.lapsing import Announcer
from services.inventory.reservation.mending import Mender
from services.inventory.reservation.servicer import ReservationServicer
from services.inventory.stock.servicer import StockServicer


async def add(opened: Runtime, grpc_server: grpc.aio.Server) -> None:
    records, locations = opened.records, KnownLocations(opened.records)
    balances = MongoBalances(opened.database)
    # Closed before the database is, and behind the last call.
    writes = await opened.stack.enter_async_context(committing(records, registry=opened.registry))
    stock = StockServicer(
        records,
        updates=writes,
        log=opened.tail,
        balances=balances,
        locations=locations,
        clock=opened.clock,
    )
    reservations = ReservationServicer(
        records, updates=writes, locations=locations, clock=opened.clock
    )
    counts = CountServicer(records, updates=writes, locations=locations, clock=opened.clock)
    opened.spawn(Announcer(records, clock=opened.clock, registry=opened.registry).run)
    opened.spawn(Mender(records, clock=opened.clock).run)
    location_service_pb2_grpc.add_LocationServiceServicer_to_server(
        LocationServicer(records), grpc_server
    )
    stock_service_pb2_grpc.add_StockServiceServicer_to_server(stock, grpc_server)
    reservation_service_pb2_grpc.add_ReservationServiceServicer_to_server(reservations, grpc_server)
    count_service_pb2_grpc.add_CountServiceServicer_to_server(counts, grpc_server)


PARTS = Parts(
    name="inventory",
    kinds=KINDS,
    descriptors=(
        location_service_pb2.DESCRIPTOR,
        stock_service_pb2.DESCRIPTOR,
        reservation_service_pb2.DESCRIPTOR,
        count_service_pb2.DESCRIPTOR,
    ),
    add=add,
    details=dict(DETAILS),
)


def main() -> None:
    settings = config.from_env(runtime.Settings, prefix="INVENTORY")
    server.run(runtime.service_of(PARTS, settings), settings)


if __name__ == "__main__":
    main()
