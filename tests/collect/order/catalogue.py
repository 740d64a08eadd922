"""The catalogue beside collect: products, and what they cost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import grpc
from comptoir.catalog.v1 import price_service_pb2 as price_pb
from comptoir.catalog.v1 import price_service_pb2_grpc as price_grpc
from comptoir.catalog.v1 import product_service_pb2_grpc as product_grpc
from comptoir.type.v1.money_pb2 import Money

from chassis import client
from chassis.interceptors import Context
from chassis.records import Records
from services.collect.order.offer import Offers
from tests.collect.neighbours import Products


class Prices(price_grpc.PriceServiceServicer):
    """A shop's own price goes before the chain's, which is under an empty location."""

    def __init__(self) -> None:
        self.by_place: dict[tuple[str, str], price_pb.Price] = {}

    async def BatchGetPrices(
        self, request: price_pb.BatchGetPricesRequest, context: Context
    ) -> price_pb.BatchGetPricesResponse:
        places = [
            next((p for p in ((request.location_id, sku), ("", sku)) if p in self.by_place), None)
            for sku in request.skus
        ]
        return price_pb.BatchGetPricesResponse(
            prices=[self.by_place[place] for place in places if place is not None]
        )

    def put(
        self, sku: str, minor: int, *, location_id: str = "", until: datetime | None = None
    ) -> None:
        price = price_pb.Price(sku=sku, amount=Money(minor=minor, currency="EUR"))
        if until is not None:
            price.valid_until_time.FromDatetime(until)
        self.by_place[location_id, sku] = price


@dataclass(slots=True)
class Catalogue:
    products: Products = field(default_factory=Products)
    prices: Prices = field(default_factory=Prices)

    def put(self, sku: str, price_minor: int, *, decimals: int = 0, **product: Any) -> None:
        self.products.put(sku, **product)
        self.products.by_sku[sku].stock_unit.decimals = decimals
        self.prices.put(sku, price_minor)


def offers_of(records: Records, catalogue: grpc.aio.Channel) -> Offers:
    return Offers(
        records,
        products=product_grpc.ProductServiceStub(catalogue),
        prices=price_grpc.PriceServiceStub(catalogue),
    )


@asynccontextmanager
async def serving_catalogue(catalogue: Catalogue) -> AsyncIterator[grpc.aio.Channel]:
    server = grpc.aio.server()
    product_grpc.add_ProductServiceServicer_to_server(catalogue.products, server)
    price_grpc.add_PriceServiceServicer_to_server(catalogue.prices, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with client.channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        await server.stop(None)
