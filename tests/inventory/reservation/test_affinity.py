"""Two replicas on one database: whoever says the location writes through one of them alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import grpc
import pytest
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1.reservation_service_pb2_grpc import ReservationServiceStub

from chassis.client import channel
from chassis.mongo import Database
from chassis.partitions import near
from tests.inventory.asking import line, reserve, shop
from tests.inventory.house import MARKET, House, mongo_house
from tests.inventory.replicas import Replica, begun

SHOPS = [f"shop-{number}" for number in range(8)]
CALLERS_COUNT, EACH_COUNT = 4, 5


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with mongo_house(database) as opened:
        await opened.import_locations(*(shop(name) for name in SHOPS))
        for name in SHOPS:
            await opened.put_on_shelf("LAMP", 1000, location_id=name)
        yield opened


@pytest.fixture
async def replicas(house: House, database: Database) -> AsyncIterator[Sequence[Replica]]:
    async with AsyncExitStack() as stack:
        yield [await begun(stack, house, database) for _ in range(2)]


@pytest.fixture
async def opened(replicas: Sequence[Replica]) -> AsyncIterator[grpc.aio.Channel]:
    addresses = ",".join(replica.address for replica in replicas)
    async with channel(f"ipv4:///{addresses}", timeout_s=20, affinity=True) as made:
        yield made


async def reserved(opened: grpc.aio.Channel, location_id: str) -> None:
    """By one caller, one time after another."""
    stub = ReservationServiceStub(opened)
    for _ in range(EACH_COUNT):
        asked = reserve(line(1, location_id=location_id))
        with near(location_id):
            await stub.Reserve(asked, metadata=MARKET)


async def test_one_replica_alone_writes_a_location(
    replicas: Sequence[Replica], opened: grpc.aio.Channel
) -> None:
    """So nobody waits for another's transaction: a conflict takes two who write."""
    await asyncio.gather(*(reserved(opened, SHOPS[0]) for _ in range(CALLERS_COUNT)))

    assert sorted(r.written_count for r in replicas) == [0, CALLERS_COUNT * EACH_COUNT]


async def test_whoever_says_another_replica_is_served_by_it(
    replicas: Sequence[Replica], house: House
) -> None:
    """A wrong choice is slower, and never wrong."""
    for replica in replicas:
        async with channel(replica.address, timeout_s=20, affinity=True) as there:
            await reserved(there, SHOPS[0])

    assert [replica.written_count for replica in replicas] == 2 * [EACH_COUNT]
    shown = await house.availability("LAMP", SHOPS[0])
    assert shown.held_quantity == 2 * EACH_COUNT
    assert await house.is_balanced("LAMP", SHOPS[0])


async def test_a_stream_that_says_its_location_is_where_its_calls_are(
    replicas: Sequence[Replica], opened: grpc.aio.Channel
) -> None:
    for name in SHOPS:
        before = [replica.written_count for replica in replicas]
        await reserved(opened, name)
        called = [replica.written_count - n for replica, n in zip(replicas, before, strict=True)]

        requests = [
            pb.ReserveStreamRequest(reserve=reserve(line(1, location_id=name)))
            for _ in range(EACH_COUNT)
        ]
        with near(name):
            stream = ReservationServiceStub(opened).ReserveStream(iter(requests), metadata=MARKET)
        answers = [answer async for answer in stream]

        assert all(answer.HasField("reservation") for answer in answers)
        after = [replica.written_count for replica in replicas]
        assert after == [n + 2 * count for n, count in zip(before, called, strict=True)]
