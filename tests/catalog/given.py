"""A small catalogue for tests: what is sold, and a real server that serves it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

import grpc
from comptoir.catalog.v1 import price_service_pb2 as price_pb
from comptoir.catalog.v1 import price_service_pb2_grpc as price_grpc
from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.catalog.v1 import product_service_pb2_grpc as product_grpc
from comptoir.catalog.v1 import review_service_pb2 as review_pb
from comptoir.catalog.v1 import review_service_pb2_grpc as review_grpc
from comptoir.type.v1.money_pb2 import Money
from comptoir.type.v1.rejection_pb2 import ImportProgress
from comptoir.type.v1.text_pb2 import LocalizedText
from google.protobuf.timestamp_pb2 import Timestamp

from chassis.events import EventLog, MemoryLog
from chassis.memory_records import MemoryRecords
from chassis.records import Records
from services.catalog.kinds import KINDS
from services.catalog.price.servicer import PriceServicer
from services.catalog.product.servicer import ProductServicer
from services.catalog.replica import Replica
from services.catalog.review.servicer import ReviewServicer
from tests.serving import calling_as, serving
from tests.waiting import until

ProductStub: TypeAlias = "product_grpc.ProductServiceAsyncStub"
PriceStub: TypeAlias = "price_grpc.PriceServiceAsyncStub"
ReviewStub: TypeAlias = "review_grpc.ReviewServiceAsyncStub"

ERP = calling_as("erp", "client:catalog.write")
GATEWAY = calling_as("gateway", "service:gateway")
NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, kw_only=True)
class Catalog:
    """What a test of the served catalogue needs at hand."""

    products: ProductStub
    prices: PriceStub
    reviews: ReviewStub
    replica: Replica
    clock: Clock

    async def import_products(self, *products: product_pb.Product) -> ImportProgress:
        items = [
            product_pb.ImportProductsRequest(number=number, product=product)
            for number, product in enumerate(products, 1)
        ]
        return await last_progress(self.products.ImportProducts(sent(items), metadata=ERP))

    async def import_prices(self, *intervals: price_pb.PriceInterval) -> ImportProgress:
        items = [
            price_pb.ImportPricesRequest(number=number, interval=interval)
            for number, interval in enumerate(intervals, 1)
        ]
        return await last_progress(self.prices.ImportPrices(sent(items), metadata=ERP))

    async def import_reviews(self, *reviews: review_pb.Review) -> ImportProgress:
        items = [
            review_pb.ImportReviewsRequest(number=number, review=review)
            for number, review in enumerate(reviews, 1)
        ]
        return await last_progress(self.reviews.ImportReviews(sent(items), metadata=ERP))

    async def views(self, *skus: str, location_id: str = "") -> dict[str, product_pb.ProductView]:
        request = product_pb.BatchGetProductViewsRequest(skus=skus, location_id=location_id)
        response = await self.products.BatchGetProductViews(request, metadata=GATEWAY)
        return {view.product.sku: view for view in response.views}

    async def found(self, query: str = "", **given: Any) -> list[str]:
        request = product_pb.SearchProductsRequest(query=query, **given)
        response = await self.products.SearchProducts(request, metadata=GATEWAY)
        return [view.product.sku for view in response.views]


@asynccontextmanager
async def catalog(
    records: Records | None = None, log: EventLog | None = None
) -> AsyncIterator[Catalog]:
    clock = Clock()
    if records is None:
        memory = MemoryRecords(KINDS)
        records, log = memory, log or memory.log
    replica = Replica(records, log or MemoryLog())
    servicers = (
        ProductServicer(records, replica, clock),
        PriceServicer(records, replica, clock),
        ReviewServicer(records, replica, clock),
    )
    async with replica.kept_up(), serving(*servicers) as channel:
        yield Catalog(
            products=product_grpc.ProductServiceStub(channel),
            prices=price_grpc.PriceServiceStub(channel),
            reviews=review_grpc.ReviewServiceStub(channel),
            replica=replica,
            clock=clock,
        )


async def until_current(shop: Catalog) -> None:
    """Until what it keeps of pages is used."""

    async def current() -> bool:
        await shop.found()
        return shop.replica.is_current

    await until(current)


async def sent(items: Iterable[Any]) -> AsyncIterator[Any]:
    for item in items:
        yield item


async def last_progress(call: Any) -> ImportProgress:
    """The last answer, with the rejections of all."""
    rejections, progress = [], ImportProgress()
    async for response in call:
        progress = response.progress
        rejections += progress.rejections
    return ImportProgress(
        read_count=progress.read_count,
        written_count=progress.written_count,
        unchanged_count=progress.unchanged_count,
        rejections=rejections,
    )


def counts(progress: ImportProgress) -> tuple[int, int, int]:
    """Read, written, unchanged."""
    return progress.read_count, progress.written_count, progress.unchanged_count


def texts(**by_locale: str) -> LocalizedText:
    return LocalizedText(by_locale=by_locale)


def drill(sku: str = "PER-1801", **given: Any) -> product_pb.Product:
    said: dict[str, Any] = {
        "sku": sku,
        "category_path": ["tools", "drills"],
        "title": texts(fr="Perceuse à percussion 18 V", en="18 V hammer drill"),
        "brand": "Varenne",
    }
    return product_pb.Product(**said | given)


def price(
    minor: int = 8990,
    *,
    sku: str = "PER-1801",
    start: datetime = NOW,
    end: datetime | None = None,
    reduced: bool = False,
    **given: Any,
) -> price_pb.PriceInterval:
    said: dict[str, Any] = {
        "sku": sku,
        "kind": price_pb.PRICE_KIND_REDUCED if reduced else price_pb.PRICE_KIND_REGULAR,
        "amount": Money(minor=minor, currency="EUR"),
        "vat_basis_points": 2000,
        "start_time": stamp(start),
        "end_time": stamp(end) if end else None,
    }
    return price_pb.PriceInterval(**said | given)


def review(review_id: str = "r-1", stars: int = 4, **given: Any) -> review_pb.Review:
    said: dict[str, Any] = {
        "review_id": review_id,
        "sku": "PER-1801",
        "stars": stars,
        "text": "Solide.",
        "locale": "fr",
        "experience_time": stamp(NOW),
        "publish_time": stamp(NOW),
    }
    return review_pb.Review(**said | given)


def stamp(time: datetime) -> Timestamp:
    message = Timestamp()
    message.FromDatetime(time)
    return message


async def refusal(call: Any) -> grpc.aio.AioRpcError:
    """The error a call ends with."""
    try:
        await call
    except grpc.aio.AioRpcError as error:
        return error
    raise AssertionError("the call was not refused")
