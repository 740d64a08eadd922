"""Prices, through a real server."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from comptoir.catalog.v1 import price_service_pb2 as pb
from comptoir.type.v1.money_pb2 import Money
from google.protobuf.timestamp_pb2 import Timestamp

from tests.catalog.given import GATEWAY, NOW, Catalog, catalog, counts, price, refusal, stamp
from tests.serving import calling_as, reason_of

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
async def shop() -> AsyncIterator[Catalog]:
    async with catalog() as opened:
        yield opened


async def prices(shop: Catalog, *skus: str, location_id: str = "") -> list[pb.Price]:
    request = pb.BatchGetPricesRequest(skus=skus, location_id=location_id)
    return list((await shop.prices.BatchGetPrices(request, metadata=GATEWAY)).prices)


async def test_a_price_says_all_that_is_known_of_it(shop: Catalog) -> None:
    await shop.import_prices(price(8990, end=TOMORROW))

    assert await prices(shop, "PER-1801") == [
        pb.Price(
            sku="PER-1801",
            amount=Money(minor=8990, currency="EUR"),
            vat_basis_points=2000,
            kind=pb.PRICE_KIND_REGULAR,
            revision=1,
            valid_until_time=stamp(TOMORROW),
        )
    ]


async def test_prices_come_in_the_order_asked_for_without_those_there_are_not(
    shop: Catalog,
) -> None:
    await shop.import_prices(price(sku="a"), price(sku="b"), price(sku="c", start=TOMORROW))

    assert [found.sku for found in await prices(shop, "b", "c", "x", "a")] == ["b", "a"]


async def test_an_import_again_changes_nothing(shop: Catalog) -> None:
    both = [price(8990), price(7990, reduced=True)]

    assert counts(await shop.import_prices(*both)) == (2, 2, 0)
    assert counts(await shop.import_prices(*both)) == (2, 0, 2)
    assert [found.revision for found in await prices(shop, "PER-1801")] == [2]


async def test_an_interval_replaces_the_one_of_its_location_kind_and_start(shop: Catalog) -> None:
    await shop.import_prices(price(8990))
    await shop.import_prices(price(9990))

    assert [found.amount.minor for found in await prices(shop, "PER-1801")] == [9990]


async def test_a_bad_price_is_reported_and_the_others_go_in(shop: Catalog) -> None:
    progress = await shop.import_prices(
        price(sku="a"),
        price(0),
        price(end=NOW),
        price(amount=Money(minor=1, currency="XXX")),
        price(start_time=Timestamp(seconds=2**60)),
        price(kind=pb.PRICE_KIND_UNSPECIFIED),
        price(1, sku="a", amount=Money(minor=1, currency="CHF")),
        price(sku="b"),
    )

    assert counts(progress) == (8, 2, 0)
    assert [rejection.number for rejection in progress.rejections] == [2, 3, 4, 5, 6, 7]
    assert {rejection.reason for rejection in progress.rejections} == {"INVALID_PRICE"}


async def test_skus_are_asked_for_once_each(shop: Catalog) -> None:
    request = pb.BatchGetPricesRequest(skus=["a", "a"])
    error = await refusal(shop.prices.BatchGetPrices(request, metadata=GATEWAY))

    assert reason_of(error) == "INVALID_SKUS"


async def test_who_may_read_prices_may_not_write_them(shop: Catalog) -> None:
    call = shop.prices.ImportPrices(metadata=calling_as("till", "client:catalog.read"))

    assert reason_of(await refusal(call.read())) == "ACCESS_DENIED"
