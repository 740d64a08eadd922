"""Inventory and catalogue as collect meets them: real servers with what a test puts there.

They stand for services that collect must not import; they keep their contracts' order.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

import grpc
from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.catalog.v1 import product_service_pb2_grpc as product_grpc
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1 import location_service_pb2_grpc as location_grpc
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1 import stock_service_pb2_grpc as stock_grpc
from comptoir.type.v1 import event_service_pb2 as event_pb
from comptoir.type.v1 import event_service_pb2_grpc as event_grpc
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_status import rpc_status

from chassis import client
from chassis.interceptors import Context, status_from
from services.collect.point.domain import Place, PlaceKind
from services.collect.point.intake import UnknownLocationError
from services.collect.point.wire import time_to_pb


class Locations(location_grpc.LocationServiceServicer):
    def __init__(self) -> None:
        self.by_id: dict[str, location_pb.Location] = {}
        self.asked: list[list[str]] = []

    def put(self, place: Place) -> None:
        self.by_id[place.location_id] = location_from(place)

    async def BatchGetLocations(
        self, request: location_pb.BatchGetLocationsRequest, context: Context
    ) -> location_pb.BatchGetLocationsResponse:
        ids = list(request.location_ids)
        assert 1 <= len(ids) <= 200 and len(set(ids)) == len(ids)
        self.asked.append(ids)
        found = [self.by_id[location_id] for location_id in ids if location_id in self.by_id]
        return location_pb.BatchGetLocationsResponse(locations=found)

    async def ListLocations(
        self, request: location_pb.ListLocationsRequest, context: Context
    ) -> location_pb.ListLocationsResponse:
        ids = [i for i in sorted(self.by_id) if i > request.page_token]
        page = ids[: request.page_size]
        return location_pb.ListLocationsResponse(
            locations=[self.by_id[location_id] for location_id in page],
            next_page_token=page[-1] if len(ids) > len(page) else "",
        )


class Stock(stock_grpc.StockServiceServicer):
    def __init__(self) -> None:
        self.available: dict[tuple[str, str], int] = {}
        self.valid_until: dict[tuple[str, str], datetime] = {}
        self.pair_counts: list[int] = []
        self.has_no_location = False

    async def BatchGetAvailability(
        self, request: stock_pb.BatchGetAvailabilityRequest, context: Context
    ) -> stock_pb.BatchGetAvailabilityResponse:
        pairs = [(at, sku) for sku in request.skus for at in request.location_ids]
        assert 1 <= len(pairs) <= 2000 and len(request.location_ids) <= 200
        self.pair_counts.append(len(pairs))
        if self.has_no_location:
            error = UnknownLocationError("there is no location")
            status = rpc_status.to_status(status_from(error, "inventory.comptoir"))
            await context.abort_with_status(status)
        return stock_pb.BatchGetAvailabilityResponse(
            availabilities=[
                stock_pb.Availability(
                    location_id=pair[0],
                    sku=pair[1],
                    available_quantity=self.available.get(pair, 0),
                    valid_until_time=time_or_none(self.valid_until.get(pair)),
                )
                for pair in pairs
            ]
        )


class Products(product_grpc.ProductServiceServicer):
    def __init__(self) -> None:
        self.by_sku: dict[str, product_pb.Product] = {}

    def put(
        self,
        sku: str,
        size: "product_pb.ParcelSize.ValueType" = product_pb.PARCEL_SIZE_S,
        *,
        unit: str = "piece",
        step: int = 1,
    ) -> None:
        stock_unit = product_pb.StockUnit(unit=unit, step=step)
        self.by_sku[sku] = product_pb.Product(sku=sku, parcel_size=size, stock_unit=stock_unit)

    async def BatchGetProducts(
        self, request: product_pb.BatchGetProductsRequest, context: Context
    ) -> product_pb.BatchGetProductsResponse:
        found = [self.by_sku[sku] for sku in request.skus if sku in self.by_sku]
        return product_pb.BatchGetProductsResponse(products=found)


class Events(event_grpc.EventServiceServicer):
    async def GetHead(
        self, request: event_pb.GetHeadRequest, context: Context
    ) -> event_pb.GetHeadResponse:
        return event_pb.GetHeadResponse(cursor="head")


@dataclass(slots=True)
class Neighbours:
    locations: Locations = field(default_factory=Locations)
    stock: Stock = field(default_factory=Stock)
    products: Products = field(default_factory=Products)
    events: Events = field(default_factory=Events)


@asynccontextmanager
async def serving_neighbours(neighbours: Neighbours) -> AsyncIterator[grpc.aio.Channel]:
    """A channel of the house to all of them; whom they would let in is not the subject."""
    server = grpc.aio.server()
    location_grpc.add_LocationServiceServicer_to_server(neighbours.locations, server)
    stock_grpc.add_StockServiceServicer_to_server(neighbours.stock, server)
    product_grpc.add_ProductServiceServicer_to_server(neighbours.products, server)
    event_grpc.add_EventServiceServicer_to_server(neighbours.events, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with client.channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        await server.stop(None)


def time_or_none(instant: datetime | None) -> Timestamp | None:
    return None if instant is None else time_to_pb(instant)


def location_from(place: Place) -> location_pb.Location:
    is_shop = place.kind is PlaceKind.SHOP
    location = location_pb.Location(
        location_id=place.location_id,
        kind=location_pb.LOCATION_KIND_SHOP if is_shop else location_pb.LOCATION_KIND_WAREHOUSE,
        name=place.name,
        time_zone=place.time_zone,
        opening_hours=[
            location_pb.OpeningHours(
                weekday=hours.weekday,
                opens_minute=hours.opens_minute,
                closes_minute=hours.closes_minute,
            )
            for hours in place.opening_hours
        ],
        revision=place.revision,
    )
    if place.latitude is not None and place.longitude is not None:
        location.coordinates.latitude = place.latitude
        location.coordinates.longitude = place.longitude
    return location
