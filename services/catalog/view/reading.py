"""What product pages show of the catalogue: facts, price and rating, together."""

import asyncio
from collections.abc import Sequence

from comptoir.catalog.v1 import product_service_pb2 as pb

from chassis.clock import Clock
from chassis.records import Records
from services.catalog.price.store import PRICES
from services.catalog.product.domain import Product
from services.catalog.product.messages import product_to_pb
from services.catalog.product.store import PRODUCTS
from services.catalog.replica import Replica
from services.catalog.review.domain import Rating
from services.catalog.review.store import RATINGS
from services.catalog.view.page import Page


class Views:
    def __init__(self, records: Records, replica: Replica, clock: Clock) -> None:
        self._records = records
        self._replica = replica
        self._clock = clock

    async def of(self, skus: Sequence[str], *, location_id: str) -> list[bytes]:
        """ProductViews, encoded, in the order asked for, unknown ones left out.

        One read of each kind at most.
        """
        pages = await self._pages(skus)
        now = self._clock()
        return [pages[sku].at(location_id, now) for sku in skus if sku in pages]

    async def _pages(self, skus: Sequence[str]) -> dict[str, Page]:
        if not self._replica.is_current:
            return await self._read(skus)
        pages = self._replica.pages.get(skus)
        if missing := [sku for sku in skus if sku not in pages]:
            with self._replica.pages.filling() as fill:
                fill.values = await self._read(missing)
            pages |= fill.values
        return pages

    async def _read(self, skus: Sequence[str]) -> dict[str, Page]:
        products, prices, ratings = await asyncio.gather(
            self._records.find_many(PRODUCTS, skus),
            self._records.find_many(PRICES, skus),
            self._records.find_many(RATINGS, skus),
        )
        return {
            product.sku: Page(facts_of(product, ratings.get(product.sku)), prices.get(product.sku))
            for product in products.values()
        }


def facts_of(product: Product, rating: Rating | None) -> bytes:
    """A view with all but its price: making one from the record takes many times as long."""
    view = pb.ProductView(product=product_to_pb(product), rating=rating_to_pb(rating))
    return view.SerializeToString()


def rating_to_pb(rating: Rating | None) -> pb.Rating:
    if rating is None:
        return pb.Rating()
    return pb.Rating(
        average_stars=rating.average_stars,
        review_count=rating.review_count,
        revision=rating.revision,
    )
