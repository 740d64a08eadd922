"""Which replica a write goes to is the same for the house and for other teams."""

from typing import Any

import grpc
import pytest
from comptoir.inventory.v1 import stock_service_pb2 as pb
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from chassis import partitions as of_the_house
from comptoir_client import call, near, open_channel, partition_of, partitions
from tests.clients.behaving import STOCK, SignedIn, behaving, refuse

SHOPS = [f"shop-{number}" for number in range(64)]


class Stock:
    """Notes who sold, and refuses as told, one refusal a call."""

    def __init__(self, *refusals: tuple[Any, ...]) -> None:
        self.refusals = list(refusals)
        self.taken = list[tuple[str, str | None]]()

    async def record(self, request: pb.RecordSaleRequest, context: Any) -> pb.RecordSaleResponse:
        partition = dict(context.invocation_metadata()).get(partitions.KEY)
        self.taken.append((request.receipt_id, partition))
        if self.refusals:
            await refuse(context, *self.refusals.pop(0))
        return pb.RecordSaleResponse()


def test_partitions_are_those_of_the_house() -> None:
    assert partitions.PARTITIONS_COUNT == of_the_house.PARTITIONS_COUNT
    for location_id in [*SHOPS, "", "paris-bastille", "Müller", "🏪"]:
        assert partition_of(location_id) == of_the_house.partition_of(location_id)
        with of_the_house.near(location_id):
            assert [*near(location_id)] == of_the_house.metadata_here()


def test_the_ring_is_that_of_the_house() -> None:
    assert partitions.BALANCING == of_the_house.BALANCING
    assert partitions.UNLOCKED_BY == of_the_house.UNLOCKED_BY


async def test_sales_of_a_shop_go_to_one_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(partitions.UNLOCKED_BY, "false")
    here, there = Stock(), Stock()
    async with (
        behaving(STOCK, RecordSale=here.record) as first,
        behaving(STOCK, RecordSale=there.record) as second,
        open_channel(f"ipv4:///{first},{second}", affinity=True) as channel,
    ):
        method = StockServiceStub(channel).RecordSale
        for shop in 3 * SHOPS:
            sale = pb.RecordSaleRequest(receipt_id=shop)
            await call(method, sale, SignedIn(), location_id=shop)

    assert here.taken and there.taken
    assert {shop for shop, _ in here.taken}.isdisjoint(shop for shop, _ in there.taken)


async def test_a_try_behind_one_that_failed_goes_anywhere() -> None:
    stock = Stock((grpc.StatusCode.DEADLINE_EXCEEDED, "DATABASE_TIMEOUT"))
    sale = pb.RecordSaleRequest(receipt_id="T1")
    async with (
        behaving(STOCK, RecordSale=stock.record) as address,
        open_channel(address, affinity=True) as channel,
    ):
        method = StockServiceStub(channel).RecordSale
        await call(method, sale, SignedIn(), location_id="lyon")

    assert stock.taken == [("T1", str(partition_of("lyon"))), ("T1", None)]
