"""Several products over HTTP in one request: the same views, few calls, unknown ones named."""

import msgspec
import pytest

from chassis.errors import Kind
from services.gateway.mobile.product_batch import SKUS_MAX, ProductBatch
from tests.gateway import given
from tests.gateway.house import Answered, House, RefusedError, open_gateway

PATH = "/v1/products/batch"


async def batch(house: House, *skus: str, **where: str) -> Answered:
    return await house.call("POST", PATH, {"skus": skus, **where}, key="")


async def test_each_is_shown_as_on_its_own_page(plain_shop: House) -> None:
    answered = await batch(plain_shop, "S-2", "S-1", location_id="paris", locale="en")
    alone = [
        (await plain_shop.get(f"/v1/products/{sku}?location_id=paris&locale=en")).json
        for sku in ("S-2", "S-1")
    ]

    assert answered.json == {"products": alone, "unknown_skus": []}
    assert msgspec.json.decode(answered.body, type=ProductBatch).products[0].sku == "S-2"


async def test_all_are_asked_of_each_owner_in_one_call(plain_shop: House) -> None:
    skus = [f"S-{n}" for n in range(SKUS_MAX)]
    await batch(plain_shop, *skus, location_id="paris")

    [views] = plain_shop.made("catalog", "BatchGetProductViews")
    [stocks] = plain_shop.made("inventory", "BatchGetAvailability")
    assert list(views.skus) == list(stocks.skus) == skus


async def test_what_is_not_sold_is_named_and_the_others_shown(plain_shop: House) -> None:
    answered = (await batch(plain_shop, "UNKNOWN-1", "S-1", "é", "UNKNOWN-2")).json

    assert [one["sku"] for one in answered["products"]] == ["S-1"]
    assert answered["unknown_skus"] == ["UNKNOWN-1", "é", "UNKNOWN-2"]


async def test_one_asked_for_twice_is_answered_once(plain_shop: House) -> None:
    answered = (await batch(plain_shop, "S-1", "UNKNOWN-1", "S-1", "UNKNOWN-1")).json

    assert [one["sku"] for one in answered["products"]] == ["S-1"]
    assert answered["unknown_skus"] == ["UNKNOWN-1"]


async def test_at_a_shop_that_is_not_there_nothing_is_shown(plain_shop: House) -> None:
    refused = await batch(plain_shop, "S-1", "UNKNOWN-1", location_id="nowhere")

    assert (refused.status, refused.reason) == (404, "UNKNOWN_LOCATION")


@pytest.mark.parametrize("count", [0, SKUS_MAX + 1])
async def test_none_or_too_many_are_refused(plain_shop: House, count: int) -> None:
    refused = await batch(plain_shop, *(f"S-{n}" for n in range(count)))

    assert (refused.status, refused.reason, refused.fields) == (400, "INVALID_REQUEST", ["skus"])


async def test_an_owner_that_fails_fails_all(plain_shop: House) -> None:
    """Rather than show a product as not sold that nobody could look up."""
    plain_shop.neighbours["inventory"].answers["BatchGetAvailability"] = RefusedError(
        Kind.UNAVAILABLE, "AWAY"
    )
    refused = await batch(plain_shop, "S-1", "S-2", location_id="paris")

    assert (refused.status, refused.reason) == (503, "AWAY")


async def test_what_is_kept_is_not_asked_of_its_owners_again() -> None:
    async with open_gateway() as house:
        given.fill_shelves(house)
        await house.hears()
        await house.get("/v1/products/S-1")
        await batch(house, "S-1", "S-2")

        assert [list(r.skus) for r in house.made("catalog", "BatchGetProductViews")] == [
            ["S-1"],
            ["S-2"],
        ]


async def test_a_product_may_be_called_batch(plain_shop: House) -> None:
    assert (await plain_shop.get("/v1/products/batch")).json["sku"] == "batch"
