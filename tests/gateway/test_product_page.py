"""One product over HTTP: kept near, and never older than what was announced."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.inventory.v1 import location_service_pb2 as location_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from chassis.changes import Event
from chassis.clock import utc_now
from services.gateway.near_cache import Record
from services.inventory.stock.domain import StockRow, row_changed
from tests.gateway import given
from tests.gateway.house import Answered, House
from tests.waiting import until

DRILL = "/v1/products/PER-1201"
AT_PARIS = f"{DRILL}?location_id=paris"


async def test_a_product_is_shown_with_price_rating_and_stock(plain_shop: House) -> None:
    shown = (await plain_shop.get(f"{AT_PARIS}&locale=en")).json

    assert (shown["title"], shown["facts"][2]["value"]) == ("Drill", "10 mm")
    assert shown["price"]["amount"] == {"minor": 6490, "currency": "EUR"}
    assert shown["rating"] == {"average_stars": 4.5, "review_count": 2, "revision": 1}
    assert shown["availability"]["available_quantity"] == 3


async def test_without_a_shop_nothing_is_said_of_stock(plain_shop: House) -> None:
    shown = (await plain_shop.get(DRILL)).json

    assert shown["availability"] is None
    assert plain_shop.made("inventory", "BatchGetAvailability") == []


@pytest.mark.parametrize("sku", ["UNKNOWN-1", "x" * 65, "%C3%A9", "%20"])
async def test_a_product_that_is_not_there_is_not_found(plain_shop: House, sku: str) -> None:
    refused = await plain_shop.get(f"/v1/products/{sku}")

    assert (refused.status, refused.reason) == (404, "UNKNOWN_SKU")


SEARCH = "/v1/products?q=drill"


@pytest.mark.parametrize("path", [f"{DRILL}?location_id=nowhere", f"{SEARCH}&location_id=nowhere"])
async def test_at_a_shop_that_is_not_there_nothing_is_shown(plain_shop: House, path: str) -> None:
    plain_shop.neighbours["catalog"].answers["SearchProducts"] = product_pb.SearchProductsResponse(
        views=[given.view()], total_count=1
    )
    refused = await plain_shop.get(path)

    assert (refused.status, refused.reason) == (404, "UNKNOWN_LOCATION")
    assert refused.headers["Cache-Control"] == "no-store"


async def test_a_search_that_finds_nothing_says_whether_there_is_such_a_shop(
    plain_shop: House,
) -> None:
    inventory = plain_shop.neighbours["inventory"]
    assert (await plain_shop.get(f"{SEARCH}&location_id=nowhere")).reason == "UNKNOWN_LOCATION"

    paris = location_pb.Location(location_id="paris")
    inventory.answers["BatchGetLocations"] = location_pb.BatchGetLocationsResponse(
        locations=[paris]
    )
    shown = await plain_shop.get(f"{SEARCH}&location_id=paris")
    assert (shown.status, shown.json["products"]) == (200, [])


async def test_shops_that_somebody_invents_take_no_room(shop: House) -> None:
    await shop.get(AT_PARIS)
    for _ in range(3):
        assert (await shop.get(f"{DRILL}?location_id=nowhere")).reason == "UNKNOWN_LOCATION"

    assert len(shop.opened.cache) == 1


async def test_a_shop_is_shown_as_soon_as_there_is_one(shop: House) -> None:
    assert (await shop.get(f"{DRILL}?location_id=nowhere")).status == 404
    shop.neighbours["inventory"].answers["BatchGetAvailability"] = (
        stock_pb.BatchGetAvailabilityResponse(
            availabilities=[given.availability(location_id="nowhere", quantity=0)]
        )
    )
    shown = await shop.get(f"{DRILL}?location_id=nowhere")

    assert (shown.status, shown.json["availability"]["available_quantity"]) == (200, 0)


async def test_a_product_asked_for_again_is_not_asked_of_its_owners(shop: House) -> None:
    first, again = await shop.get(AT_PARIS), await shop.get(AT_PARIS)

    assert again.body == first.body
    assert len(shop.made("catalog", "BatchGetProductViews")) == 1


async def test_switched_off_the_near_cache_keeps_nothing(plain_shop: House) -> None:
    await plain_shop.get(DRILL)
    await plain_shop.get(DRILL)

    assert len(plain_shop.made("catalog", "BatchGetProductViews")) == 2


async def test_a_product_that_is_known_is_not_sent_again(shop: House) -> None:
    etag = (await shop.get(DRILL)).headers["ETag"]
    again = await shop.get(DRILL, If_None_Match=etag)

    assert (again.status, again.body) == (304, b"")
    assert etag.startswith('W/"')


async def test_whoever_signs_in_gets_the_same_page(shop: House) -> None:
    visitor = await shop.get(DRILL)
    customer = await shop.get(DRILL, token=shop.customer())

    assert customer.body == visitor.body
    assert len(shop.made("catalog", "BatchGetProductViews")) == 1


async def test_no_cache_asks_the_owners(shop: House) -> None:
    await shop.get(DRILL)
    await shop.get(DRILL, Cache_Control="no-cache")

    assert len(shop.made("catalog", "BatchGetProductViews")) == 2


@pytest.mark.parametrize("name", ["product_changed", "price_changed", "rating_changed"])
async def test_a_change_in_the_catalogue_is_shown(shop: House, name: str) -> None:
    before = await shop.get(AT_PARIS)
    views = given.views_answer(revision=2, price_minor=5990)
    shop.neighbours["catalog"].answers["BatchGetProductViews"] = views
    shop.neighbours["catalog"].tells(Event(name, "PER-1201", 2, {"sku": "PER-1201"}))

    async def changed() -> bool:
        return (await shop.get(AT_PARIS)).body != before.body

    await until(changed)


async def test_a_change_of_stock_is_shown(shop: House) -> None:
    await shop.get(AT_PARIS)
    answer = given.stock_answer(quantity=2, revision=2)
    shop.neighbours["inventory"].answers["BatchGetAvailability"] = answer
    sells(shop, revision=2)

    async def sold() -> bool:
        return bool((await shop.get(AT_PARIS)).json["availability"]["available_quantity"] == 2)

    await until(sold)


async def test_an_old_answer_that_comes_after_the_news_is_not_kept(shop: House) -> None:
    """The owner's replica lags: it answers with revision 1 though 2 was announced."""
    await shop.get(AT_PARIS)
    sells(shop, revision=2)
    await until(lambda: is_forgotten(shop))
    await shop.get(AT_PARIS)
    await shop.get(AT_PARIS)

    assert len(shop.made("inventory", "BatchGetAvailability")) >= 3


async def test_who_comes_after_the_news_joins_nobody_who_asked_before(shop: House) -> None:
    gates = two_slow_answers(shop)
    before = asyncio.create_task(shop.get(AT_PARIS))
    await until(shop.has_asked)
    sells(shop, revision=2)
    await until(lambda: knows(shop, 2))
    await assert_asked_anew(shop, before, gates)


async def test_who_comes_after_a_silence_joins_nobody_who_asked_before(shop: House) -> None:
    """What happened between the old stream and the head of the new one nobody tells."""
    gates, log = two_slow_answers(shop), shop.neighbours["inventory"].log
    before = asyncio.create_task(shop.get(AT_PARIS))
    await until(shop.has_asked)
    sells(shop, revision=2)
    sells(shop, revision=3)
    await log.trim(utc_now() + timedelta(days=1), 10)

    async def hears_anew() -> bool:
        sells(shop, sku="SAW", revision=1)
        return shop.opened.cache.newest(Record("stock", "SAW", "paris")) == 1

    await until(hears_anew)
    await assert_asked_anew(shop, before, gates)


async def assert_asked_anew(
    house: House, before: "asyncio.Task[Answered]", gates: list[asyncio.Event]
) -> None:
    after = asyncio.create_task(house.get(AT_PARIS))
    await until(lambda: house.has_asked(times=2))
    for gate in gates:
        gate.set()
    await before

    assert (await after).json["availability"]["available_quantity"] == 2


def two_slow_answers(shop: House) -> list[asyncio.Event]:
    """What opens each: the stock before a sale, and after it."""
    gates = [asyncio.Event(), asyncio.Event()]
    answers = iter((given.stock_answer(), given.stock_answer(quantity=2, revision=2)))

    async def slowly(request: Any) -> Any:
        answer, gate = next(answers), gates[len(shop.made("inventory", "BatchGetAvailability")) - 1]
        await gate.wait()
        return answer(request)

    shop.neighbours["inventory"].answers["BatchGetAvailability"] = slowly
    return gates


async def knows(house: House, revision: int) -> bool:
    """Whether the near cache has heard of the sale."""
    stock = Record("stock", "PER-1201", "paris")
    return house.opened.cache.newest(stock) == revision


async def is_forgotten(house: House) -> bool:
    return len(house.opened.cache) == 0


def sells(house: House, *, revision: int, sku: str = "PER-1201") -> None:
    row = StockRow(location_id="paris", sku=sku, revision=revision)
    house.neighbours["inventory"].tells(row_changed(row))


async def test_a_list_asks_for_the_stock_of_a_page_in_one_call(plain_shop: House) -> None:
    views = [given.view(f"S-{n}") for n in range(24)]
    plain_shop.neighbours["catalog"].answers["SearchProducts"] = product_pb.SearchProductsResponse(
        views=views, total_count=2**60
    )
    page = (await plain_shop.get("/v1/products?q=drill&location_id=paris")).json

    assert len(plain_shop.made("inventory", "BatchGetAvailability")) == 1
    assert [one["availability"]["location_id"] for one in page["products"]] == ["paris"] * 24


async def test_an_integer_beyond_2_to_the_53_is_text(plain_shop: House) -> None:
    plain_shop.neighbours["catalog"].answers["SearchProducts"] = product_pb.SearchProductsResponse(
        total_count=2**60
    )

    assert (await plain_shop.get("/v1/products")).json["total_count"] == str(2**60)


async def test_an_availability_that_lapses_is_not_kept_beyond(shop: House) -> None:
    soon = given.stamp(utc_now())
    lapsed = stock_pb.Availability(location_id="paris", sku="PER-1201", valid_until_time=soon)
    shop.neighbours["inventory"].answers["BatchGetAvailability"] = (
        stock_pb.BatchGetAvailabilityResponse(availabilities=[lapsed])
    )
    await shop.get(AT_PARIS)
    await shop.get(AT_PARIS)

    assert len(shop.made("inventory", "BatchGetAvailability")) == 2
