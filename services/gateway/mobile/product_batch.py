"""Several products at once, as their pages show them: a basket, an order, a list to pick."""

import asyncio
from collections.abc import Iterable
from typing import Annotated

import msgspec
from msgspec import Meta

from services.gateway.caching import wants_fresh
from services.gateway.mobile.product_pages import Page, ProductPages, ShopId
from services.gateway.mobile.products import ProductView
from services.gateway.near_cache import Key
from services.gateway.product_views import UnknownSkuError
from services.gateway.routes import EVERYONE, Answer, Call, Limit, Route
from services.gateway.wire import LOCALE_DEFAULT, Locale, Nothing, Received, Sent, Sku

# As many as a basket has lines.
SKUS_MAX = 50
# Once for each basket, order or list that is shown: 300 phones, four a minute each.
BATCHES = Limit("batch", 1_200)


class ProductsAsked(Received):
    """Which products, where and in which language; a sku that comes twice is answered once."""

    skus: Annotated[list[Sku], Meta(min_length=1, max_length=SKUS_MAX)]
    location_id: ShopId = ""
    locale: Locale = ""


class ProductBatch(Sent):
    """In the order asked for, each as its own page has it; what is not sold is named."""

    products: list[ProductView]
    unknown_skus: list[str]


async def get_products(call: Call[ProductsAsked, Nothing]) -> Answer:
    asked, fresh = call.body, wants_fresh(call.http)
    keys = [
        Key(sku, asked.location_id, asked.locale or LOCALE_DEFAULT)
        for sku in dict.fromkeys(asked.skus)
    ]
    # All in one tick, so that what is not kept here is asked of each owner in one call.
    pages = await asyncio.gather(*(page_of(call.parts.pages, key, fresh) for key in keys))
    found = [page.body for page in pages if page is not None]
    unknown = [key.sku for key, page in zip(keys, pages, strict=True) if page is None]
    return Answer(content=encoded(found, unknown))


async def page_of(pages: ProductPages, key: Key, fresh: bool) -> Page | None:
    try:
        return await pages.page(key, fresh=fresh)
    except UnknownSkuError:
        return None


def encoded(products: Iterable[bytes], unknown_skus: list[str]) -> bytes:
    """A ProductBatch of products that are encoded already."""
    raw = [msgspec.Raw(product) for product in products]
    return msgspec.json.encode({"products": raw, "unknown_skus": unknown_skus})


ROUTES = (
    # A POST, though it only reads: skus may hold any sign that could stand between them in an
    # address. There is no GET here, so that a product may be called `batch`.
    Route(
        method="POST",
        path="/v1/products/batch",
        handler=get_products,
        summary="Several products, with price, rating and stock at one location",
        tag="Catalogue",
        who=EVERYONE,
        body=ProductsAsked,
        answer=ProductBatch,
        limit=BATCHES,
        problems=("UNKNOWN_LOCATION", "INVALID_LOCATION_IDS"),
    ),
)
