"""Composition root of collect: what it keeps, serves, and does in the background."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import grpc
from comptoir.catalog.v1.price_service_pb2_grpc import PriceServiceStub
from comptoir.catalog.v1.product_service_pb2_grpc import ProductServiceStub
from comptoir.collect.v1 import (
    basket_service_pb2,
    basket_service_pb2_grpc,
    locker_service_pb2,
    locker_service_pb2_grpc,
    order_service_pb2,
    order_service_pb2_grpc,
    picking_service_pb2,
    picking_service_pb2_grpc,
    point_service_pb2,
    point_service_pb2_grpc,
    stuck_order_service_pb2,
    stuck_order_service_pb2_grpc,
)
from comptoir.inventory.v1.location_service_pb2_grpc import LocationServiceStub
from comptoir.inventory.v1.reservation_service_pb2_grpc import ReservationServiceStub
from comptoir.inventory.v1.sourcing_service_pb2_grpc import SourcingServiceStub
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub
from comptoir.type.v1.event_service_pb2_grpc import EventServiceStub

from chassis import config, runtime, server
from chassis.consumer import Consumer
from chassis.keys import key_from_file
from chassis.runtime import Parts, Runtime
from services.collect.basket.servicer import BasketServicer
from services.collect.events import DETAILS, subjects
from services.collect.kinds import KINDS
from services.collect.locker.capability import Secrets
from services.collect.locker.servicer import LockerServicer
from services.collect.order.codebook import Codebook
from services.collect.order.effects import Effects
from services.collect.order.offer import Offers
from services.collect.order.placing import Placing
from services.collect.order.servicer import OrderServicer
from services.collect.order.shortening import Shortening, hold_consumer
from services.collect.order.workflow import Saga
from services.collect.parcel.desk import Desk
from services.collect.parcel.effects import ParcelEffects
from services.collect.parcel.sourcing import Elsewhere
from services.collect.parcel.workflow import Parcels
from services.collect.payment.store import Simulator
from services.collect.picking.looking import Looking
from services.collect.picking.servicer import PickingServicer
from services.collect.picking.workflow import CodeCheck, Doors, journal_change, refs_for
from services.collect.point.facts import Facts
from services.collect.point.servicer import PointServicer
from services.collect.point.workflow import Places, location_changed
from services.collect.stuck.holds import Holds
from services.collect.stuck.metrics import SagaMetrics
from services.collect.stuck.parcels import StuckParcels
from services.collect.stuck.servicer import StuckOrderServicer
from services.collect.stuck.workflow import StuckOrders

# Inventory holds no longer.
LATE_S_MAX = 7 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Config(runtime.Settings):
    """Environment of collect.

    Attributes:
        code_key_file: A key of which all codes that open are made. With another one the
            codes that customers hold open nothing any more.
        resource_late_s_max: How long behind the end of its slot an order may be ready with what
            another location sends in place of what is broken; none is asked where it is not set.
    """

    code_key_file: Path
    resource_late_s_max: float | None = None

    @property
    def late_s_max(self) -> float | None:
        """Raises ConfigError."""
        if self.resource_late_s_max is not None and not 0 <= self.resource_late_s_max <= LATE_S_MAX:
            raise config.ConfigError(f"COLLECT_RESOURCE_LATE_S_MAX is 0 to {LATE_S_MAX}")
        return self.resource_late_s_max


async def add(cfg: Config, opened: Runtime, grpc_server: grpc.aio.Server) -> None:
    catalog, inventory = await opened.channel("catalog"), await opened.channel("inventory")
    # Reads are spread evenly over the replicas; what writes stock goes where its rows are written.
    books = await opened.channel("inventory", affinity=True)
    code_key = key_from_file(cfg.code_key_file)
    effects = Effects(
        reservations=ReservationServiceStub(books),
        stock=StockServiceStub(books),
        payments=Simulator(opened.records),
    )
    saga = Saga(opened.records, effects.by_step(), clock=opened.clock)
    opened.stack.push_async_callback(saga.settle)
    opened.spawn(saga.run)
    opened.spawn(SagaMetrics(opened.records, opened.registry, clock=opened.clock).run)
    parcels = add_parcels(opened, saga, books)
    follow_holds(cfg, opened, saga, parcels, inventory)
    add_points(opened, grpc_server, catalog, inventory)
    add_orders(opened, grpc_server, saga, parcels, catalog, inventory, code_key)
    stuck = StuckOrderServicer(
        opened.records,
        StuckOrders(opened.records, saga, clock=opened.clock),
        Holds(opened.records, ReservationServiceStub(books), clock=opened.clock),
        StuckParcels(opened.records, parcels, clock=opened.clock),
        clock=opened.clock,
    )
    stuck_order_service_pb2_grpc.add_StuckOrderServiceServicer_to_server(stuck, grpc_server)


def add_parcels(opened: Runtime, saga: Saga, books: grpc.aio.Channel) -> Parcels:
    """What other locations send for orders."""
    effects = ParcelEffects(
        reservations=ReservationServiceStub(books), stock=StockServiceStub(books)
    )
    parcels = Parcels(opened.records, effects.by_task(), saga, clock=opened.clock)
    opened.stack.push_async_callback(parcels.settle)
    opened.spawn(parcels.run)
    return parcels


def follow_holds(
    cfg: Config, opened: Runtime, saga: Saga, parcels: Parcels, inventory: grpc.aio.Channel
) -> None:
    """What facts in the shop take of what orders hold."""
    events, reservations = EventServiceStub(inventory), ReservationServiceStub(inventory)
    opened.follow(hold_consumer(events, reservations, opened.records))
    elsewhere = Elsewhere(
        opened.records,
        SourcingServiceStub(inventory),
        late_s_max=cfg.late_s_max,
        clock=opened.clock,
    )
    shortening = Shortening(
        opened.records,
        saga,
        stock=StockServiceStub(inventory),
        elsewhere=elsewhere,
        parcels=parcels,
        clock=opened.clock,
    )
    opened.spawn(shortening.run)


def add_points(
    opened: Runtime,
    grpc_server: grpc.aio.Server,
    catalog: grpc.aio.Channel,
    inventory: grpc.aio.Channel,
) -> None:
    """Points and baskets, and our copies of inventory's locations."""
    products, events = ProductServiceStub(catalog), EventServiceStub(inventory)
    places = Places(opened.records, LocationServiceStub(inventory), events)
    followed = Consumer(
        "locations",
        events,
        opened.records,
        {"location_changed": location_changed},
        resync=places.resync,
    )
    opened.follow(followed)
    opened.spawn(places.run)
    facts = Facts(opened.records, stock=StockServiceStub(inventory), products=products)
    point_service_pb2_grpc.add_PointServiceServicer_to_server(
        PointServicer(opened.records, places=places, facts=facts, clock=opened.clock), grpc_server
    )
    basket_service_pb2_grpc.add_BasketServiceServicer_to_server(
        BasketServicer(opened.records, products), grpc_server
    )


def add_orders(
    opened: Runtime,
    grpc_server: grpc.aio.Server,
    saga: Saga,
    parcels: Parcels,
    catalog: grpc.aio.Channel,
    inventory: grpc.aio.Channel,
    code_key: bytes,
) -> None:
    """Orders, the work in the shop, and lockers."""
    records, secrets = opened.records, Secrets(code_key)
    codebook = Codebook(records, key=code_key, keyring=opened.keyring, secrets=secrets)
    desk = Desk(records, parcels, clock=opened.clock)
    looking = Looking(StockServiceStub(inventory))
    add_picking(opened, grpc_server, saga, desk, codebook, looking)
    add_lockers(opened, grpc_server, secrets)
    offers = Offers(records, products=ProductServiceStub(catalog), prices=PriceServiceStub(catalog))
    orders = OrderServicer(
        records,
        offers=offers,
        placing=Placing(records, saga, offers, clock=opened.clock),
        saga=saga,
        codebook=codebook,
        tail=opened.tail,
        clock=opened.clock,
    )
    order_service_pb2_grpc.add_OrderServiceServicer_to_server(orders, grpc_server)


def add_picking(
    opened: Runtime,
    grpc_server: grpc.aio.Server,
    saga: Saga,
    desk: Desk,
    codebook: Codebook,
    looking: Looking,
) -> None:
    records = opened.records
    picking = PickingServicer(
        records,
        saga=saga,
        code_check=CodeCheck(records, codebook, clock=opened.clock),
        doors=Doors(records, clock=opened.clock),
        looking=looking,
        desk=desk,
        tail=opened.tail,
        clock=opened.clock,
    )
    picking_service_pb2_grpc.add_PickingServiceServicer_to_server(picking, grpc_server)


def add_lockers(opened: Runtime, grpc_server: grpc.aio.Server, secrets: Secrets) -> None:
    lockers = LockerServicer(
        opened.records,
        issuer=opened.issuer,
        tail=opened.tail,
        secrets=secrets,
        on_entry=journal_change,
        refs_for=refs_for,
        clock=opened.clock,
    )
    locker_service_pb2_grpc.add_LockerServiceServicer_to_server(lockers, grpc_server)


def build(cfg: Config) -> server.Service:
    parts = Parts(
        name="collect",
        kinds=KINDS,
        descriptors=(
            point_service_pb2.DESCRIPTOR,
            basket_service_pb2.DESCRIPTOR,
            order_service_pb2.DESCRIPTOR,
            picking_service_pb2.DESCRIPTOR,
            locker_service_pb2.DESCRIPTOR,
            stuck_order_service_pb2.DESCRIPTOR,
        ),
        add=partial(add, cfg),
        details=DETAILS,
        subjects=subjects,
    )
    return runtime.service_of(parts, cfg)


def main() -> None:
    cfg = config.from_env(Config, prefix="COLLECT")
    server.run(build(cfg), cfg)


if __name__ == "__main__":
    main()
