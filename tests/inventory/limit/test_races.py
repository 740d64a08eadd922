"""One buyer who asks for all at once, at every shop and every replica, gets the limit."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any

import grpc
import pytest
from comptoir.inventory.v1 import reservation_service_pb2 as pb
from comptoir.inventory.v1 import reservation_service_pb2_grpc as pb_grpc

from chassis.mongo import Database
from chassis.records import Where
from services.inventory.limit.counters import TAKEN
from services.inventory.limit.taken import TakenKey
from services.inventory.reservation.domain import Reservation, Status
from services.inventory.reservation.store import RESERVATIONS
from tests.inventory.asking import commit, line, release, renew, reserve, shop, supersede
from tests.inventory.house import COLLECT, House, mongo_house, refused
from tests.inventory.limit.buyers import REACHED, limit, put
from tests.inventory.replicas import begun

SHOPS = [f"shop-{number}" for number in range(5)]
ASKED_COUNT, MOST = 500, 3


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with mongo_house(database) as opened:
        await opened.import_locations(*(shop(name) for name in SHOPS))
        for name in SHOPS:
            await opened.put_on_shelf("LAMP", 1000, location_id=name)
        await put(opened, limit(MOST, days=30))
        yield opened


@pytest.fixture
async def replicas(
    house: House, database: Database
) -> AsyncIterator[Sequence["pb_grpc.ReservationServiceAsyncStub"]]:
    async with AsyncExitStack() as stack:
        stubs: list[pb_grpc.ReservationServiceAsyncStub] = []
        for _ in range(2):
            replica = await begun(stack, house, database)
            opened = grpc.aio.insecure_channel(replica.address)
            stubs.append(pb_grpc.ReservationServiceStub(await stack.enter_async_context(opened)))
        yield stubs


async def decided(stub: "pb_grpc.ReservationServiceAsyncStub", asked: pb.ReserveRequest) -> str:
    """Asked again with its id for as long as it was not decided in time."""
    while True:
        outcome = await refused(stub.Reserve(asked, metadata=COLLECT))
        if not outcome.startswith(("DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "UNAVAILABLE")):
            return outcome


async def asked_until_done(call: Callable[..., Awaitable[Any]], request: Any) -> None:
    while outcome := await refused(call(request, metadata=COLLECT)):
        assert outcome.startswith(("DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "UNAVAILABLE"))


async def kept_of(house: House, buyer_id: str) -> list[Reservation]:
    where = Where(limit=500, equal={"buyer_id": buyer_id, "status": Status.ACTIVE})
    return await house.records.select(RESERVATIONS, where)


async def test_of_five_hundred_at_once_over_shops_and_replicas_exactly_three_are_made(
    replicas: Sequence["pb_grpc.ReservationServiceAsyncStub"], house: House
) -> None:
    outcomes = await asyncio.gather(
        *(
            decided(replicas[n % 2], reserve(line(1, location_id=SHOPS[n % 5]), buyer_id="anna"))
            for n in range(ASKED_COUNT)
        )
    )

    assert Counter(outcomes) == {"": MOST, REACHED: ASKED_COUNT - MOST}
    shown = [await house.availability("LAMP", name) for name in SHOPS]
    assert sum(each.held_quantity for each in shown) == MOST
    for name in SHOPS:
        assert await house.is_balanced("LAMP", name)


async def test_whatever_a_buyer_does_at_once_the_counter_is_what_they_have(
    replicas: Sequence["pb_grpc.ReservationServiceAsyncStub"], house: House
) -> None:
    chance = random.Random(7)
    bought = Counter[str]()

    async def buyer_goes(number: int) -> None:
        buyer_id, stub = f"buyer-{number % 2}", replicas[number % 2]
        for _ in range(6):
            at = line(1, location_id=chance.choice(SHOPS))
            asked = reserve(at, buyer_id=buyer_id)
            if await decided(stub, asked):
                continue
            made = (await stub.Reserve(asked, metadata=COLLECT)).reservation
            its_id = made.reservation_id
            match chance.choice(["keep", "release", "renew", "supersede", "commit"]):
                case "release":
                    await asked_until_done(stub.Release, release(its_id))
                case "renew":
                    await asked_until_done(stub.Renew, renew(its_id, 6000))
                case "supersede":
                    other = line(1, location_id=chance.choice(SHOPS))
                    await asked_until_done(
                        stub.Supersede, supersede(its_id, other, buyer_id=buyer_id)
                    )
                case "commit":
                    await asked_until_done(stub.Commit, commit(its_id))
                    bought[buyer_id] += 1

    await asyncio.gather(*(buyer_goes(number) for number in range(12)))
    for buyer_id in ("buyer-0", "buyer-1"):
        taken = await house.records.find(TAKEN, TakenKey("LAMP", "collect", buyer_id))
        assert taken is not None
        held = Counter[int]()
        for each in await kept_of(house, buyer_id):
            held[each.expire_instant] += sum(line.quantity for line in each.lines)
        assert dict(taken.held) == dict(held)
        assert sum(taken.bought.values()) == bought[buyer_id]
        assert sum(held.values()) + bought[buyer_id] <= MOST
