"""How products are kept."""

from collections.abc import AsyncIterator

from chassis.records import SELECT_MAX, Kind, Records, Where
from services.catalog.product.domain import Product

PRODUCTS: Kind[Product] = Kind(type=Product, collection="products", key=lambda product: product.sku)


async def every_product(records: Records) -> AsyncIterator[list[Product]]:
    """All of them by sku, in pages: each as it is when its page is read."""
    page = await records.select(PRODUCTS, Where(limit=SELECT_MAX))
    while page:
        yield page
        last = page[-1].sku
        page = await records.select(PRODUCTS, Where(limit=SELECT_MAX, after=("", last)))
