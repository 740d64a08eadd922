"""Processes of the running suite are killed, one and all: what was acknowledged is there, once."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from tests.people import Answer, Person
from tests.shopping import COUNTER, DRILL, SHOP, Till, ordered, settled
from tests.suite import Stack
from tests.waiting import until

SERVICES = ("catalog", "inventory", "customer", "collect", "associate", "gateway")
SCREWS, HANDFUL_G = "VIS-KG450", 100  # By weight: enough for any burst.
BURST_COUNT, ANSWERED_BEFORE_COUNT = 30, 5
BOUND_S = 120.0
AGAIN_S = 0.05


async def killed(stack: Stack, person: Person, *names: str) -> None:
    """kill -9 of them all at once; returns when each serves again, and others find it."""
    said = len(stack.words)
    for name in names:
        os.kill(stack.pid(name), signal.SIGKILL)
    for name in names:
        await stack.says(f"{name} serves again", after=said)
    await until(partial(is_whole, person))


async def is_whole(person: Person) -> bool:
    """Whether all that an order takes is there again."""
    try:
        profile, options = await person.get("/v1/me"), await options_for(person)
    except aiohttp.ClientError:
        return False
    return profile.status == options.status == 200


async def repeated(person: Person, method: str, path: str, body: Any, key: str) -> Answer:
    """The answer to a request that is sent, with one key, until somebody answers."""
    async with asyncio.timeout(BOUND_S):
        while True:
            try:
                answer = await person.call(method, path, body=body, key=key)
                if answer.status not in (503, 504):
                    return answer
            except aiohttp.ClientError:
                pass  # The gateway itself is away.
            await asyncio.sleep(AGAIN_S)


async def called_off(person: Person, orders: list[Any]) -> None:
    for order in orders:
        (await person.post(f"/v1/orders/{order['order_id']}/cancel")).ok()


async def found(person: Person, order: Any) -> Any:
    path = f"/v1/orders/{order['order_id']}"
    return (await repeated(person, "GET", path, None, "")).ok()


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


def order_for(slot_id: str) -> dict[str, Any]:
    return {
        "lines": [{"sku": SCREWS, "quantity": HANDFUL_G}],
        "point_id": COUNTER,
        "slot_id": slot_id,
        "payment": {"method": "reference", "reference": f"sim_card_{uuid4()}"},
    }


async def options_for(person: Person) -> Answer:
    lines = [{"sku": SCREWS, "quantity": HANDFUL_G}]
    return await person.post("/v1/pickup-options", {"lines": lines, "location_ids": [SHOP]})


async def slots_for(person: Person, count: int) -> list[str]:
    """A slot with room for each of so many orders. Not the first: it may pass meanwhile."""
    slots = await slots_of(person)
    places = [slot["slot_id"] for slot in slots[1:] for _ in range(slot["left_count"])]
    assert len(places) >= count
    return places[:count]


async def room_in(person: Person, slot_ids: list[str]) -> int:
    """For how many orders there is room in these slots, all told. Full ones are not shown."""
    slots = await slots_of(person)
    return sum(slot["left_count"] for slot in slots if slot["slot_id"] in slot_ids)


async def slots_of(person: Person) -> list[dict[str, Any]]:
    options = (await options_for(person)).ok()["options"]
    return next(option["slots"] for option in options if option["point_id"] == COUNTER)


async def several(tasks: list[asyncio.Task[Answer]], count: int) -> None:
    """Wait until `count` of them are done."""
    while sum(task.done() for task in tasks) < count:
        running = [task for task in tasks if not task.done()]
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)


async def is_confirmed(person: Person, order: Any) -> bool:
    state = (await found(person, order))["state"]
    assert state in ("placing", "confirmed")
    return bool(state == "confirmed")


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
