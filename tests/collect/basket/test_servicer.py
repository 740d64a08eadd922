"""Baskets over gRPC: whose they are, what the catalogue says, repeats and races."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import grpc
import pytest
from comptoir.catalog.v1 import product_service_pb2_grpc as catalog_grpc
from comptoir.collect.v1 import basket_service_pb2 as pb
from comptoir.collect.v1 import basket_service_pb2_grpc as pb_grpc

from chassis.memory_records import MemoryRecords
from chassis.records import Records
from services.collect.basket.servicer import BasketServicer
from services.collect.basket.store import BASKETS
from services.collect.point.lines import LINES_MAX
from tests.collect.neighbours import Neighbours, Products, serving_neighbours
from tests.conftest import MakeRecords
from tests.serving import Metadata, calling_as, reason_of, serving

ANNA, BERT = calling_as("anna", "customer"), calling_as("bert", "customer")


@dataclass(frozen=True, slots=True)
class Shop:
    """The basket service with a catalogue beside it."""

    stub: "pb_grpc.BasketServiceAsyncStub"
    products: Products

    async def set(
        self, sku: str, quantity: int = 1, *, who: Metadata = ANNA, request_id: str = ""
    ) -> pb.Basket:
        request = pb.SetBasketLineRequest(
            request_id=request_id or str(uuid4()), sku=sku, quantity=quantity
        )
        return (await self.stub.SetBasketLine(request, metadata=who)).basket

    async def get(self, who: Metadata = ANNA) -> pb.Basket:
        return (await self.stub.GetBasket(pb.GetBasketRequest(), metadata=who)).basket

    async def clear(self, request_id: str = "") -> pb.Basket:
        request = pb.ClearBasketRequest(request_id=request_id or str(uuid4()))
        return (await self.stub.ClearBasket(request, metadata=ANNA)).basket


@asynccontextmanager
async def opened(records: Records) -> AsyncIterator[Shop]:
    neighbours = Neighbours()
    for sku in ("LAMP", "RUG"):
        neighbours.products.put(sku)
    neighbours.products.put("CABLE", unit="millimetre", step=100)
    async with serving_neighbours(neighbours) as channel:
        servicer = BasketServicer(records, catalog_grpc.ProductServiceStub(channel))
        async with serving(servicer) as served:
            yield Shop(pb_grpc.BasketServiceStub(served), neighbours.products)


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with opened(MemoryRecords([BASKETS])) as made:
        yield made


@pytest.fixture
async def real_shop(records: MakeRecords) -> AsyncIterator[Shop]:
    """On each store."""
    async with opened(await records([BASKETS])) as made:
        yield made


def content(basket: pb.Basket) -> list[tuple[str, int]]:
    return [(line.sku, line.quantity) for line in basket.lines]


async def refused(call: object) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await call  # type: ignore[misc]
    return reason_of(raised.value)


async def test_a_basket_never_used_is_empty(shop: Shop) -> None:
    assert await shop.get() == pb.Basket()


async def test_what_was_put_in_is_there(real_shop: Shop) -> None:
    await real_shop.set("RUG", 2)
    put = await real_shop.set("LAMP")

    assert put == await real_shop.get()
    assert (content(put), put.revision) == ([("RUG", 2), ("LAMP", 1)], 2)


async def test_another_customers_basket_is_not_theirs(shop: Shop) -> None:
    await shop.set("LAMP")

    assert await shop.get(BERT) == pb.Basket()


async def test_a_repeat_gets_the_first_answer_and_changes_nothing(shop: Shop) -> None:
    request_id = str(uuid4())
    first = await shop.set("LAMP", 1, request_id=request_id)
    await shop.set("LAMP", 5)

    assert await shop.set("LAMP", 1, request_id=request_id) == first
    assert content(await shop.get()) == [("LAMP", 5)]


async def test_a_request_id_is_good_for_one_body(shop: Shop) -> None:
    request_id = str(uuid4())
    await shop.set("LAMP", 1, request_id=request_id)

    assert await refused(shop.set("LAMP", 2, request_id=request_id)) == "REQUEST_ID_REUSED"


async def test_what_the_catalogue_does_not_have_is_unknown(shop: Shop) -> None:
    assert await refused(shop.set("SOFA")) == "UNKNOWN_SKU"


async def test_what_the_catalogue_has_no_more_can_be_taken_out(shop: Shop) -> None:
    await shop.set("LAMP")
    del shop.products.by_sku["LAMP"]

    assert content(await shop.set("LAMP", 0)) == []


async def test_quantities_are_multiples_of_the_step(shop: Shop) -> None:
    assert content(await shop.set("CABLE", 2500)) == [("CABLE", 2500)]
    assert await refused(shop.set("CABLE", 2550)) == "INVALID_LINES"


async def test_a_negative_quantity_is_refused(shop: Shop) -> None:
    assert await refused(shop.set("LAMP", -1)) == "INVALID_LINES"


async def test_clearing_empties_and_repeats(shop: Shop) -> None:
    request_id = str(uuid4())
    await shop.set("LAMP")
    cleared = await shop.clear(request_id)
    await shop.set("RUG")

    assert cleared == pb.Basket(revision=2)
    assert await shop.clear(request_id) == cleared
    assert content(await shop.get()) == [("RUG", 1)]


async def test_of_parallel_lines_none_is_lost_and_none_is_too_many(real_shop: Shop) -> None:
    for number in range(LINES_MAX + 5):
        real_shop.products.put(f"SKU-{number}")
    for number in range(LINES_MAX - 5):
        await real_shop.set(f"SKU-{number}")

    late = [real_shop.set(f"SKU-{number}") for number in range(LINES_MAX - 5, LINES_MAX + 5)]
    outcomes = await asyncio.gather(*late, return_exceptions=True)

    refusals = [reason_of(o) for o in outcomes if isinstance(o, grpc.aio.AioRpcError)]
    assert refusals == ["BASKET_FULL"] * 5
    assert len((await real_shop.get()).lines) == LINES_MAX
