"""One product over HTTP: batched, coalesced, cached, and never older than what was announced."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from chassis.changes import Event
from chassis.clock import utc_now
from chassis.errors import Kind
from services.gateway.near_cache import Key, Record
from services.inventory.stock.domain import StockRow, row_changed
from tests.gateway import given
from tests.gateway.house import Answered, House, RefusedError, open_gateway
from tests.waiting import until

DRILL = "/v1/products/PER-1201"
AT_PARIS = f"{DRILL}?location_id=paris"


def stock(house: House) -> None:
    """The shelves are full of drills."""
    house.neighbours["catalog"].answers["BatchGetProductViews"] = given.views_answer()
    house.neighbours["inventory"].answers["BatchGetAvailability"] = given.stock_answer()


@pytest.fixture
async def shop() -> AsyncIterator[House]:
    """With a near cache that hears both owners."""
    async with open_gateway() as house:
        stock(house)
        await house.hears()
        yield house


@pytest.fixture
async def plain_shop() -> AsyncIterator[House]:
    """Without a near cache."""
    async with open_gateway(near_cache=False) as house:
        stock(house)
        yield house


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


async def test_what_is_no_sku_spoils_nobody_elses_batch(plain_shop: House) -> None:
    await asyncio.gather(plain_shop.get(DRILL), plain_shop.get(f"/v1/products/{'x' * 65}"))

    [request] = plain_shop.made("catalog", "BatchGetProductViews")
    assert list(request.skus) == ["PER-1201"]


async def test_who_asks_at_once_is_answered_by_few_calls(plain_shop: House) -> None:
    paths = [f"/v1/products/S-{n}?location_id=paris" for n in range(300)]
    await asyncio.gather(*(plain_shop.get(path) for path in paths))

    requests = plain_shop.made("catalog", "BatchGetProductViews")
    assert len(requests) < 60
    assert sorted(sku for r in requests for sku in r.skus) == sorted(f"S-{n}" for n in range(300))


async def test_who_asks_behind_a_batch_that_is_late_does_not_wait_for_it(plain_shop: House) -> None:
    gate = asyncio.Event()

    async def slowly_for_drills(request: Any) -> Any:
        if "PER-1201" in request.skus:
            await gate.wait()
        return given.views_answer()(request)

    plain_shop.neighbours["catalog"].answers["BatchGetProductViews"] = slowly_for_drills
    late = asyncio.create_task(plain_shop.get(AT_PARIS))
    await until(lambda: has_asked(plain_shop))
    others = [plain_shop.get(f"/v1/products/S-{n}?location_id=paris") for n in range(20)]

    assert {answer.status for answer in await asyncio.gather(*others)} == {200}
    assert not late.done() and len(plain_shop.made("catalog", "BatchGetProductViews")) < 10
    gate.set()
    assert (await late).status == 200


async def test_the_same_asked_at_once_is_asked_for_once(plain_shop: House) -> None:
    gate = asyncio.Event()

    async def slowly(request: Any) -> Any:
        await gate.wait()
        return given.views_answer()(request)

    plain_shop.neighbours["catalog"].answers["BatchGetProductViews"] = slowly
    asking = [asyncio.create_task(plain_shop.get(DRILL)) for _ in range(20)]
    await until(lambda: has_asked(plain_shop))
    gate.set()

    assert {(await one).status for one in asking} == {200}
    assert len(plain_shop.made("catalog", "BatchGetProductViews")) == 1


async def has_asked(house: House, times: int = 1) -> bool:
    return len(house.made("catalog", "BatchGetProductViews")) >= times


async def test_one_who_leaves_takes_nothing_from_those_who_wait(plain_shop: House) -> None:
    gate = asyncio.Event()

    async def slowly(request: Any) -> Any:
        await gate.wait()
        return given.views_answer()(request)

    plain_shop.neighbours["catalog"].answers["BatchGetProductViews"] = slowly
    pages, key = plain_shop.opened.parts.pages, Key("PER-1201", "", "fr")
    leaving, staying = (asyncio.create_task(pages.page(key, fresh=False)) for _ in range(2))
    await until(lambda: has_asked(plain_shop))
    leaving.cancel()
    await asyncio.wait([leaving])
    gate.set()

    assert (await staying).body


async def test_a_failed_batch_is_a_problem_for_each_and_forgotten(plain_shop: House) -> None:
    catalog = plain_shop.neighbours["catalog"].answers
    catalog["BatchGetProductViews"] = RefusedError(Kind.DEADLINE_EXCEEDED, "SLOW")
    failed = await asyncio.gather(*(plain_shop.get(DRILL) for _ in range(3)))
    stock(plain_shop)

    assert {one.reason for one in failed} == {"SLOW"}
    assert (await plain_shop.get(DRILL)).status == 200


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
    await until(lambda: has_asked(shop))
    sells(shop, revision=2)
    await until(lambda: knows(shop, 2))
    await assert_asked_anew(shop, before, gates)


async def test_who_comes_after_a_silence_joins_nobody_who_asked_before(shop: House) -> None:
    """What happened between the old stream and the head of the new one nobody tells."""
    gates, log = two_slow_answers(shop), shop.neighbours["inventory"].log
    before = asyncio.create_task(shop.get(AT_PARIS))
    await until(lambda: has_asked(shop))
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
    await until(lambda: has_asked(house, times=2))
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
