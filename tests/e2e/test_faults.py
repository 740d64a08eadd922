"""Processes of the running suite are killed, one and all: what was acknowledged is there, once."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from tests.bursts import (
    BOUND_S,
    HANDFUL_G,
    SCREWS,
    called_off,
    found,
    is_confirmed,
    killed,
    order_for,
    repeated,
    several,
    slots_for,
    slots_of,
)
from tests.people import Person
from tests.shopping import DRILL, Till, ordered, settled
from tests.suite import Stack
from tests.waiting import until

SERVICES = ("catalog", "inventory", "customer", "collect", "associate", "gateway")
BURST_COUNT, ANSWERED_BEFORE_COUNT = 30, 5


@pytest.mark.parametrize(
    "names", [*((name,) for name in SERVICES), SERVICES, ("mongod",)], ids=",".join
)
async def test_an_acknowledged_order_survives_kill_9(
    stack: Stack, buyer: Person, names: tuple[str, ...]
) -> None:
    order = await ordered(buyer, [{"sku": SCREWS, "quantity": HANDFUL_G}])

    await killed(stack, buyer, *names)

    after = await found(buyer, order)
    await called_off(buyer, [order])
    assert after["state"] == "confirmed"
    assert after["lines"] == order["lines"]
    assert after["revision"] >= order["revision"]


@pytest.mark.parametrize("name", ["collect", "inventory", "gateway", "mongod"])
async def test_of_a_burst_in_which_one_is_killed_each_order_exists_exactly_once(
    stack: Stack, buyer: Person, till: Till, name: str
) -> None:
    held_before = (await till.available(SCREWS)).held_quantity
    slots = await slots_for(buyer, BURST_COUNT)
    room_before = await room_in(buyer, slots)
    wishes = [order_for(slot_id) for slot_id in slots]
    keys = [str(uuid4()) for _ in wishes]
    sent = [
        asyncio.create_task(repeated(buyer, "POST", "/v1/orders", wish, key))
        for wish, key in zip(wishes, keys, strict=True)
    ]
    await several(sent, ANSWERED_BEFORE_COUNT)
    under_way = [task for task in sent if not task.done()]
    assert under_way  # Else nothing was hit.
    await killed(stack, buyer, name)

    placed = [answer.ok() for answer in await asyncio.gather(*sent)]
    ids = {order["order_id"] for order in placed}
    assert len(ids) == BURST_COUNT
    for order in placed:
        await until(partial(is_confirmed, buyer, order), timeout_s=BOUND_S)
    assert sorted(await all_orders(buyer)) == sorted(ids)
    await settled(till, SCREWS, held=held_before + BURST_COUNT * HANDFUL_G)
    assert await till.verify(SCREWS)
    assert await room_in(buyer, slots) == room_before - BURST_COUNT
    again = await buyer.post("/v1/orders", wishes[0], key=keys[0])
    assert again.ok()["order_id"] == placed[0]["order_id"]

    await called_off(buyer, placed)
    await settled(till, SCREWS, held=held_before)
    assert await room_in(buyer, slots) == room_before


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stalled"])
async def test_the_journey_goes_on_without_redis(
    stack: Stack, buyer: Person, till: Till, signum: int
) -> None:
    before = await till.available(DRILL)
    with redis_hit_by(stack, signum):
        assert (await buyer.get("/v1/products", q="perceuse")).ok()["products"]
        order = await ordered(buyer, [{"sku": DRILL, "quantity": 1}])
        assert (await buyer.post(f"/v1/orders/{order['order_id']}/cancel")).ok()
        await settled(till, DRILL, held=before.held_quantity)


@contextmanager
def redis_hit_by(stack: Stack, signum: int) -> Iterator[None]:
    pid = stack.pid("redis")
    os.kill(pid, signum)
    try:
        yield
    finally:
        if signum == signal.SIGSTOP:
            os.kill(pid, signal.SIGCONT)


async def room_in(person: Person, slot_ids: list[str]) -> int:
    """For how many orders there is room in these slots, all told. Full ones are not shown."""
    slots = await slots_of(person)
    return sum(slot["left_count"] for slot in slots if slot["slot_id"] in slot_ids)


async def all_orders(person: Person) -> list[str]:
    """The ids of all there are, page by page."""
    return [order["order_id"] async for order in pages_of(person)]


async def pages_of(person: Person) -> AsyncIterator[Any]:
    token = ""
    for _ in range(BURST_COUNT):
        page = (await person.get("/v1/orders", page_size=10, page_token=token)).ok()
        for order in page["orders"]:
            yield order
        if not (token := page["next_page_token"]):
            return
