"""What other services are told of the catalogue."""

import pytest
from comptoir.catalog.v1.events_pb2 import ProductChanged

from chassis.memory_records import MemoryRecords
from services.catalog.category.domain import Category, category_changed
from services.catalog.events import DETAILS
from services.catalog.kinds import KINDS
from services.catalog.price.domain import Prices, price_changed
from services.catalog.product.domain import Product, product_changed
from services.catalog.review.domain import Rating, rating_changed
from tests.catalog.given import catalog, drill, price, review


async def test_each_change_is_told_with_the_sku_and_its_revision() -> None:
    records = MemoryRecords(KINDS)
    async with catalog(records, records.log) as shop:
        for _ in range(2):  # The second time, nothing changes.
            await shop.import_products(drill())
            await shop.import_prices(price(8990), price(7990, reduced=True))
            await shop.import_reviews(review(), review("r-2", experience_time=None))
    events = (await records.log.read(0, 100)).events

    assert [(event.name, event.key, event.revision) for event in events] == [
        ("product_changed", "PER-1801", 1),
        ("price_changed", "PER-1801", 2),
        ("rating_changed", "PER-1801", 1),
    ]
    assert [DETAILS[event.name](event.detail) for event in events] == [
        ProductChanged(sku="PER-1801")
    ] * 3


def test_what_shares_a_key_is_told_of_as_of_records_of_different_kinds() -> None:
    told = [
        product_changed(Product(sku="x", category_path=(), title={})),
        price_changed(Prices(sku="x", currency="EUR", intervals=())),
        rating_changed(Rating(sku="x")),
        category_changed(Category(category_id="x", path=("x",), name={}, place="x")),
    ]
    assert {event.key for event in told} == {"x"}
    assert len({event.kind for event in told}) == len(told)


@pytest.mark.parametrize("name", ["product_changed", "price_changed", "rating_changed"])
def test_a_detail_is_the_sku(name: str) -> None:
    assert DETAILS[name]({"sku": "PER-1801"}) == ProductChanged(sku="PER-1801")
