"""Composition root of inventory: what it keeps, serves, and does in the background."""

from dataclasses import dataclass
from functools import partial

import grpc
from comptoir.inventory.v1 import (
    count_service_pb2,
    count_service_pb2_grpc,
    limit_service_pb2,
    limit_service_pb2_grpc,
    location_service_pb2,
    location_service_pb2_grpc,
    period_service_pb2,
    period_service_pb2_grpc,
    reservation_service_pb2,
    reservation_service_pb2_grpc,
    sourcing_service_pb2,
    sourcing_service_pb2_grpc,
    stock_service_pb2,
    stock_service_pb2_grpc,
    supply_service_pb2,
    supply_service_pb2_grpc,
    transfer_service_pb2,
    transfer_service_pb2_grpc,
)

from chassis import config, runtime, server
from chassis.committer import committing
from chassis.runtime import Parts, Runtime
from services.inventory.balance.mongo import MongoBalances
from services.inventory.books import Books
from services.inventory.count.servicer import CountServicer
from services.inventory.events import DETAILS
from services.inventory.kinds import KINDS
from services.inventory.limit.servicer import LimitServicer
from services.inventory.limit.store import KnownLimits
from services.inventory.location.servicer import LocationServicer
from services.inventory.location.store import KnownLocations, Listing
from services.inventory.period.servicer import PeriodServicer
from services.inventory.reservation.lapsing import Announcer
from services.inventory.reservation.mending import Mender
from services.inventory.reservation.servicer import ReservationServicer
from services.inventory.sourcing.planning import Weights
from services.inventory.sourcing.plans import open_plans
from services.inventory.sourcing.servicer import SourcingServicer
from services.inventory.stock.servicer import StockServicer
from services.inventory.supply.servicer import SupplyServicer
from services.inventory.transfer.servicer import TransferServicer

DAY_S = 86_400.0
# For as long as answers are kept, a repeat gets its own.
OPEN_S_MIN, OPEN_S_MAX = 31 * DAY_S, 36_525 * DAY_S


@dataclass(frozen=True, kw_only=True)
class Config(runtime.Settings):
    """Environment of inventory.

    Attributes:
        sourcing_parcel_weight: What a parcel weighs when a plan is chosen. With all three zero
            the fewest parcels are, of those the earliest, of those the cheapest.
        sourcing_hour_weight: What an hour weighs until the last parcel is ready.
        sourcing_cost_weight: What a unit of cost weighs.
        ledger_open_s: For how long a movement stays in the ledger at least, before it may be
            closed. A repeat of a write that comes later still would be booked again.
    """

    sourcing_parcel_weight: float = 0.0
    sourcing_hour_weight: float = 0.0
    sourcing_cost_weight: float = 0.0
    ledger_open_s: float = 400 * DAY_S

    @property
    def open_s(self) -> float:
        """Raises ConfigError."""
        if not OPEN_S_MIN <= self.ledger_open_s <= OPEN_S_MAX:
            raise config.ConfigError(f"INVENTORY_LEDGER_OPEN_S is {OPEN_S_MIN} to {OPEN_S_MAX}")
        return self.ledger_open_s

    @property
    def weights(self) -> Weights:
        """Raises ConfigError."""
        parcel, hour = self.sourcing_parcel_weight, self.sourcing_hour_weight
        weights = Weights(parcel=parcel, hour=hour, cost=self.sourcing_cost_weight)
        if not weights.are_weights:
            raise config.ConfigError("INVENTORY_SOURCING_…_WEIGHT are not all zero or more")
        return weights


async def add(cfg: Config, opened: Runtime, grpc_server: grpc.aio.Server) -> None:
    records, locations = opened.records, KnownLocations(opened.records)
    # Closed before the database is, and behind the last call.
    writes = await opened.stack.enter_async_context(committing(records, registry=opened.registry))
    limits = KnownLimits(records)
    await limits.load()
    opened.spawn(partial(limits.follow, opened.tail))
    books = Books(
        records=records, updates=writes, locations=locations, limits=limits, clock=opened.clock
    )
    balances = MongoBalances(opened.database)
    stock = StockServicer(books, log=opened.tail, balances=balances)
    periods = PeriodServicer(books, balances=balances, open_s=cfg.open_s)
    sourcing = SourcingServicer(
        records,
        locations=locations,
        listing=Listing(records),
        plans=opened.stack.enter_context(open_plans()),
        weights=cfg.weights,
        clock=opened.clock,
    )
    opened.spawn(Announcer(records, clock=opened.clock, registry=opened.registry).run)
    opened.spawn(Mender(records, clock=opened.clock, registry=opened.registry).run)
    location_service_pb2_grpc.add_LocationServiceServicer_to_server(
        LocationServicer(records), grpc_server
    )
    stock_service_pb2_grpc.add_StockServiceServicer_to_server(stock, grpc_server)
    sourcing_service_pb2_grpc.add_SourcingServiceServicer_to_server(sourcing, grpc_server)
    reservation_service_pb2_grpc.add_ReservationServiceServicer_to_server(
        ReservationServicer(books), grpc_server
    )
    count_service_pb2_grpc.add_CountServiceServicer_to_server(CountServicer(books), grpc_server)
    limit_service_pb2_grpc.add_LimitServiceServicer_to_server(LimitServicer(books), grpc_server)
    period_service_pb2_grpc.add_PeriodServiceServicer_to_server(periods, grpc_server)
    supply_service_pb2_grpc.add_SupplyServiceServicer_to_server(SupplyServicer(books), grpc_server)
    transfer_service_pb2_grpc.add_TransferServiceServicer_to_server(
        TransferServicer(books), grpc_server
    )


def build(cfg: Config) -> server.Service:
    parts = Parts(
        name="inventory",
        kinds=KINDS,
        descriptors=(
            location_service_pb2.DESCRIPTOR,
            stock_service_pb2.DESCRIPTOR,
            reservation_service_pb2.DESCRIPTOR,
            count_service_pb2.DESCRIPTOR,
            period_service_pb2.DESCRIPTOR,
            sourcing_service_pb2.DESCRIPTOR,
            supply_service_pb2.DESCRIPTOR,
            limit_service_pb2.DESCRIPTOR,
            transfer_service_pb2.DESCRIPTOR,
        ),
        add=partial(add, cfg),
        details=dict(DETAILS),
    )
    return runtime.service_of(parts, cfg)


def main() -> None:
    cfg = config.from_env(Config, prefix="INVENTORY")
    server.run(build(cfg), cfg)


if __name__ == "__main__":
    main()
