"""The catalogue beside collect: products, and what they cost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from comptoir.catalog.v1 import price_service_pb2 as price_pb
from comptoir.catalog.v1 import price_service_pb2_grpc as price_grpc
from comptoir.catalog.v1 import product_service_pb2_grpc as product_grpc
from comptoir.type.v1.money_pb2 import Money

from chassis import client
from chassis.interceptors import Context
from tests.collect.neighbours import Products


class Prices(price_grpc.PriceServiceServicer):
    def __init__(self) -> None:
        self.minor_by_sku: dict[str, int] = {}

    async def BatchGetPrices(
        self, request: price_pb.BatchGetPricesRequest, context: Context
    ) -> price_pb.BatchGetPricesResponse:
        return price_pb.BatchGetPricesResponse(
            prices=[
                price_pb.Price(sku=sku, amount=Money(minor=self.minor_by_sku[sku], currency="EUR"))
                for sku in request.skus
                if sku in self.minor_by_sku
            ]
        )


@dataclass(slots=True)
class Catalogue:
    products: Products = field(default_factory=Products)
    prices: Prices = field(default_factory=Prices)

    def put(self, sku: str, price_minor: int, *, decimals: int = 0, **product: Any) -> None:
        self.products.put(sku, **product)
        self.products.by_sku[sku].stock_unit.decimals = decimals
        self.prices.minor_by_sku[sku] = price_minor


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
