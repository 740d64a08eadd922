"""What the catalogue says of a wish: what it costs at a shop, and what room it takes.

A quote and an order are both priced here, so that what was shown is what is asked for.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from comptoir.catalog.v1 import price_service_pb2 as price_pb
from comptoir.catalog.v1 import price_service_pb2_grpc as price_grpc
from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.catalog.v1 import product_service_pb2_grpc as product_grpc

from chassis.errors import AppError, Kind, Violation
from chassis.records import Records
from services.collect.order.line import Line, total_of
from services.collect.point.domain import Place, Point, Size
from services.collect.point.lines import InvalidLinesError
from services.collect.point.store import PLACES, POINTS
from services.collect.point.wire import size_from_products


class UnknownPointError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_POINT"


class UnknownSkuError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_SKU"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Lines with prices, and the room they take.

    Attributes:
        size: Of the compartment that takes it all; None if none does.
        valid_until: When a price changes by itself at the earliest; None if none is known to.
    """

    lines: tuple[Line, ...]
    currency: str
    size: Size | None
    valid_until: datetime | None

    @property
    def total_minor(self) -> int:
        return total_of(self.lines)


class Offers:
    def __init__(
        self,
        records: Records,
        *,
        products: "product_grpc.ProductServiceAsyncStub",
        prices: "price_grpc.PriceServiceAsyncStub",
    ) -> None:
        self._records = records
        self._products = products
        self._prices = prices

    async def where(self, point_id: str) -> tuple[Point, Place]:
        """Raises UnknownPointError."""
        if where := await self._records.find(POINTS, point_id):
            if place := await self._records.find(PLACES, where.location_id):
                return where, place
        raise unknown_point(point_id)

    async def at(self, location_id: str, quantities: Mapping[str, int]) -> Offer:
        """At a shop's prices; without one at the chain's.

        Raises UnknownSkuError, InvalidLinesError.
        """
        skus = list(quantities)
        products, prices = await asyncio.gather(
            self._products.BatchGetProducts(product_pb.BatchGetProductsRequest(skus=skus)),
            self._prices.BatchGetPrices(
                price_pb.BatchGetPricesRequest(skus=skus, location_id=location_id)
            ),
        )
        return offer_of(quantities, products.products, prices.prices)


def unknown_point(point_id: str) -> UnknownPointError:
    return UnknownPointError("no such pick-up point", point_id=point_id)


def offer_of(
    quantities: Mapping[str, int],
    products: Sequence[product_pb.Product],
    prices: Sequence[price_pb.Price],
) -> Offer:
    """Raises UnknownSkuError for what is not sold, InvalidLinesError for what is off its step."""
    product_by_sku = {product.sku: product for product in products}
    price_by_sku = {price.sku: price for price in prices}
    lines = []
    for number, (sku, quantity) in enumerate(quantities.items(), 1):
        product, price = product_by_sku.get(sku), price_by_sku.get(sku)
        if product is None or price is None:
            raise UnknownSkuError("this sku is not sold", sku=sku)
        line = Line(
            line_number=number,
            sku=sku,
            quantity=quantity,
            unit_price_minor=price.amount.minor,
            decimals=product.stock_unit.decimals,
        )
        check_step(line, product.stock_unit.step)
        lines.append(line)
    return Offer(
        lines=tuple(lines),
        currency=prices[0].amount.currency,
        size=size_from_products(products, quantities),
        valid_until=min(map(end_of, filter(ends, prices)), default=None),
    )


def check_step(line: Line, step: int) -> None:
    """Raises InvalidLinesError unless the sku is sold in such amounts."""
    if line.quantity % max(1, step):
        advice = f"{line.sku} is sold in steps of {step}"
        raise InvalidLinesError(
            advice,
            violations=(Violation(f"lines[{line.line_number - 1}].quantity", advice),),
            sku=line.sku,
            step=step,
        )


def ends(price: price_pb.Price) -> bool:
    return price.HasField("valid_until_time")


def end_of(price: price_pb.Price) -> datetime:
    return price.valid_until_time.ToDatetime(UTC)
