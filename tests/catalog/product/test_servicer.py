"""Products, categories and search, through a real server."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest
from comptoir.catalog.v1 import price_service_pb2 as price_pb
from comptoir.catalog.v1 import product_service_pb2 as pb
from comptoir.type.v1.money_pb2 import Money

from chassis.events import MemoryLog
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from services.catalog.kinds import KINDS
from tests.catalog.given import (
    ERP,
    GATEWAY,
    NOW,
    Catalog,
    catalog,
    counts,
    drill,
    price,
    refusal,
    review,
    stamp,
    texts,
    until_current,
)
from tests.serving import reason_of


@pytest.fixture
async def shop() -> AsyncIterator[Catalog]:
    async with catalog() as opened:
        yield opened


FULL = drill(
    gtin="3760004118015",
    family="PER-18",
    description=texts(fr="Pour le béton.", en="For concrete."),
    picture_urls=["/pictures/drills.svg"],
    facts=[
        pb.Fact(
            key="battery_voltage",
            name=texts(fr="Tension"),
            number=18,
            unit="V",
            source="manufacturer",
            as_of_time=stamp(NOW),
        ),
        pb.Fact(key="chuck", text=texts(fr="13 mm métal")),
        pb.Fact(key="brushless", flag=True),
    ],
    stock_unit=pb.StockUnit(unit="millimetre", step=100, decimals=3),
    parcel_size=pb.PARCEL_SIZE_M,
)


async def test_a_product_comes_back_as_it_went_in(shop: Catalog) -> None:
    await shop.import_products(FULL)
    request = pb.BatchGetProductsRequest(skus=["PER-1801"])
    [product] = (await shop.products.BatchGetProducts(request, metadata=GATEWAY)).products

    expected = pb.Product()
    expected.CopyFrom(FULL)
    expected.revision = 1
    assert product == expected


async def test_a_product_without_a_stock_unit_is_counted_in_pieces(shop: Catalog) -> None:
    await shop.import_products(drill())
    product = (await shop.views("PER-1801"))["PER-1801"].product

    assert product.stock_unit == pb.StockUnit(unit="piece", step=1)


async def test_an_import_again_changes_nothing(shop: Catalog) -> None:
    assert counts(await shop.import_products(FULL, drill("PER-2"))) == (2, 2, 0)
    assert counts(await shop.import_products(FULL, drill("PER-2"))) == (2, 0, 2)
    assert (await shop.views("PER-2"))["PER-2"].product.revision == 1


async def test_a_bad_product_is_reported_and_the_others_go_in(shop: Catalog) -> None:
    progress = await shop.import_products(drill("a"), drill("no space"), drill("b"))

    assert counts(progress) == (3, 2, 0)
    [rejection] = progress.rejections
    assert (rejection.number, rejection.reason) == (2, "INVALID_PRODUCT")
    assert "sku" in rejection.message


async def test_products_come_in_the_order_asked_for_without_the_unknown(shop: Catalog) -> None:
    await shop.import_products(*map(drill, "abc"))

    assert list(await shop.views("c", "x", "a")) == ["c", "a"]


async def test_a_view_shows_facts_price_and_rating_with_their_revisions(shop: Catalog) -> None:
    await shop.import_products(drill())
    await shop.import_prices(price(8990), price(7990, start=NOW + timedelta(days=1), reduced=True))
    await shop.import_reviews(review("r-1", 4), review("r-2", 5))
    view = (await shop.views("PER-1801"))["PER-1801"]

    assert view.product.revision == 1
    assert view.price.amount == Money(minor=8990, currency="EUR")
    assert view.price.revision == 2
    assert (view.rating.average_stars, view.rating.review_count) == (4.5, 2)
    assert view.valid_until_time == stamp(NOW + timedelta(days=1))


async def test_a_price_in_a_view_changes_to_the_second(shop: Catalog) -> None:
    await shop.import_products(drill())
    await shop.import_prices(price(8990), price(7990, start=NOW + timedelta(days=1), reduced=True))
    before = (await shop.views("PER-1801"))["PER-1801"]
    shop.clock.now = NOW + timedelta(days=1)
    after = (await shop.views("PER-1801"))["PER-1801"]

    assert (before.price.amount.minor, after.price.amount.minor) == (8990, 7990)
    assert after.price.kind == price_pb.PRICE_KIND_REDUCED
    assert not after.HasField("valid_until_time")


async def test_a_view_has_the_price_of_its_location(shop: Catalog) -> None:
    await shop.import_products(drill())
    await shop.import_prices(price(8990), price(9990, location_id="lyon"))

    lyon = await shop.views("PER-1801", location_id="lyon")
    chain = await shop.views("PER-1801")
    assert lyon["PER-1801"].price.amount.minor == 9990
    assert chain["PER-1801"].price.amount.minor == 8990


async def test_a_product_without_a_price_says_when_it_gets_one(shop: Catalog) -> None:
    await shop.import_products(drill())
    await shop.import_prices(price(start=NOW + timedelta(days=1)))
    view = (await shop.views("PER-1801"))["PER-1801"]

    assert not view.HasField("price")
    assert view.valid_until_time == stamp(NOW + timedelta(days=1))


Write = Callable[[Catalog], Any]


@pytest.mark.parametrize(
    "write",
    [
        lambda shop: shop.import_products(drill(brand="Brostal")),
        lambda shop: shop.import_prices(price()),
        lambda shop: shop.import_reviews(review()),
    ],
)
async def test_a_view_shows_what_was_written_just_now(write: Write) -> None:
    async with catalog(log=MemoryLog()) as shop:  # Where no event of it ever comes.
        await shop.import_products(drill())
        await until_current(shop)
        before = await shop.views("PER-1801")
        await write(shop)

        assert await shop.views("PER-1801") != before


async def test_what_is_imported_is_found_at_once(shop: Catalog) -> None:
    await shop.import_products(drill(), drill("SCI-1", title=texts(fr="Scie")))

    assert await shop.found("perceuses") == ["PER-1801"]
    assert await shop.found("hammer", locale="en") == ["PER-1801"]
    assert await shop.found() == ["PER-1801", "SCI-1"]
    assert await shop.found(category_id="drills") == ["PER-1801", "SCI-1"]


async def test_pages_of_what_is_found_join_into_the_whole(shop: Catalog) -> None:
    await shop.import_products(*(drill(f"PER-{n}") for n in range(5)))
    request, skus = pb.SearchProductsRequest(query="perceuse", page_size=2), list[str]()
    for expected in (2, 2, 1):
        page = await shop.products.SearchProducts(request, metadata=GATEWAY)
        assert (len(page.views), page.total_count) == (expected, 5)
        skus += [view.product.sku for view in page.views]
        request.page_token = page.next_page_token

    assert skus == [f"PER-{n}" for n in range(5)]
    assert request.page_token == ""


async def test_a_page_token_belongs_to_its_query(shop: Catalog) -> None:
    await shop.import_products(drill("a"), drill("b"))
    request = pb.SearchProductsRequest(query="perceuse", page_size=1)
    page = await shop.products.SearchProducts(request, metadata=GATEWAY)
    other = pb.SearchProductsRequest(query="drill", page_token=page.next_page_token)

    error = await refusal(shop.products.SearchProducts(other, metadata=GATEWAY))
    assert reason_of(error) == "INVALID_PAGE"


@pytest.mark.parametrize(
    ("method", "request_", "reason"),
    [
        ("BatchGetProducts", pb.BatchGetProductsRequest(), "INVALID_SKUS"),
        ("BatchGetProductViews", pb.BatchGetProductViewsRequest(skus="aa"), "INVALID_SKUS"),
        ("SearchProducts", pb.SearchProductsRequest(query="x" * 201), "INVALID_QUERY"),
        ("SearchProducts", pb.SearchProductsRequest(locale="de"), "INVALID_LOCALE"),
        ("SearchProducts", pb.SearchProductsRequest(page_size=-1), "INVALID_PAGE"),
        ("SearchProducts", pb.SearchProductsRequest(page_token="x"), "INVALID_PAGE"),
        ("ListCategories", pb.ListCategoriesRequest(page_token="x"), "INVALID_PAGE"),
    ],
)
async def test_a_refusal_says_why(shop: Catalog, method: str, request_: Any, reason: str) -> None:
    error = await refusal(getattr(shop.products, method)(request_, metadata=GATEWAY))

    assert reason_of(error) == reason


def category(*path: str, name: str = "Rayon") -> pb.Category:
    return pb.Category(category_id=path[-1], path=path, name=texts(fr=name))


async def put_categories(shop: Catalog, categories: Iterable[pb.Category]) -> int:
    request = pb.PutCategoriesRequest(categories=categories)
    response = await shop.products.PutCategories(request, metadata=ERP)
    return response.written_count


async def test_categories_are_written_once_and_then_only_what_changed(shop: Catalog) -> None:
    categories = [category("tools"), category("tools", "drills")]

    assert await put_categories(shop, categories) == 2
    assert await put_categories(shop, [categories[0], category("tools", "drills", name="X")]) == 1


async def test_a_bad_category_is_named_and_none_is_written(shop: Catalog) -> None:
    request = pb.PutCategoriesRequest(categories=[category("tools"), category("No")])
    error = await refusal(shop.products.PutCategories(request, metadata=ERP))
    listed = await shop.products.ListCategories(pb.ListCategoriesRequest(), metadata=GATEWAY)

    assert reason_of(error) == "INVALID_CATEGORY"
    assert not listed.categories


async def test_categories_are_listed_by_path_with_what_is_in_them_and_below(shop: Catalog) -> None:
    await put_categories(
        shop, [category("tools-2"), category("tools", "drills"), category("tools")]
    )
    await shop.import_products(drill("a"), drill("b", category_path=["tools", "saws"]))
    listed = await shop.products.ListCategories(pb.ListCategoriesRequest(), metadata=GATEWAY)

    found = [(c.category_id, c.product_count) for c in listed.categories]
    assert found == [("tools", 2), ("drills", 1), ("tools-2", 0)]


async def test_pages_of_categories_join_into_the_whole(shop: Catalog) -> None:
    await put_categories(shop, [category(name) for name in ("a", "b", "c", "d")])
    request, found = pb.ListCategoriesRequest(page_size=2), list[str]()
    for _ in range(2):
        page = await shop.products.ListCategories(request, metadata=GATEWAY)
        found += [c.category_id for c in page.categories]
        request.page_token = page.next_page_token

    assert found == ["a", "b", "c", "d"]
    assert request.page_token == ""


async def test_of_imports_at_once_each_change_is_counted_in_the_revision(
    database: Database,
) -> None:
    records = MongoRecords(database, KINDS)
    await records.ensure_indexes()
    async with catalog(records) as shop:
        progress = await asyncio.gather(
            *(shop.import_products(drill(brand=f"Brand {n}"), drill("SCI-1")) for n in range(5))
        )
        views = await shop.views("PER-1801", "SCI-1")

    assert sum(each.written_count for each in progress) == 6
    assert [view.product.revision for view in views.values()] == [5, 1]


async def test_a_replica_is_full_when_it_begins(database: Database) -> None:
    records = MongoRecords(database, KINDS)
    await records.ensure_indexes()
    async with catalog(records) as shop:
        await shop.import_products(FULL)
    async with catalog(records) as restarted:
        assert await restarted.found("percussion") == ["PER-1801"]
