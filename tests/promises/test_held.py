"""The promise that what was held is given back, whoever dies, on the running suite over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from functools import partial
from typing import Any
from uuid import uuid4

import aiohttp
import grpc
import pytest
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from tests.bursts import (
    BOUND_S,
    HANDFUL_G,
    SCREWS,
    found,
    is_confirmed,
    killed,
    order_for,
    repeated,
    several,
    slots_for,
)
from tests.machines import enrolment_code, signed_in
from tests.people import Answer, Person, associate, customer
from tests.shopping import SHOP, Till, settled
from tests.suite import Stack
from tests.waiting import until

# So many of what is done at once that some of it is under way when a second one is answered.
ORDERS_COUNT, AT_ONCE, ANSWERED_COUNT = 24, 4, 2


@pytest.fixture
async def http(stack: Stack) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(stack.url) as opened:
        yield opened


@pytest.fixture
async def buyer(http: aiohttp.ClientSession) -> Person:
    return await customer(http)


@pytest.fixture
async def seller(stack: Stack, http: aiohttp.ClientSession) -> Person:
    member = stack.accounts["staff"][0]
    code = await enrolment_code(stack, SHOP)
    return await associate(http, code=code, badge=member["badge"], pin=member["pin"])


@pytest.fixture
async def till(stack: Stack) -> AsyncIterator[Till]:
    async with grpc.aio.insecure_channel(stack.address("inventory")) as inventory:
        yield Till(StockServiceStub(inventory), await signed_in(stack, "till"))


async def test_promise_03_whoever_dies_at_whichever_step_nothing_stays_held(
    stack: Stack, buyer: Person, seller: Person, till: Till
) -> None:
    """magento/inventory#2130, #1878, #2773; and nobody repairs anything."""
    before = await till.available(SCREWS)
    slots = await slots_for(buyer, ORDERS_COUNT)
    wishes = [sent(buyer, "/v1/orders", order_for(slot_id)) for slot_id in slots]
    placed = await hit(stack, buyer, wishes, "collect", "inventory")
    for order in placed:
        await until(partial(is_confirmed, buyer, order), timeout_s=BOUND_S)
    kept, left = placed[::2], placed[1::2]

    await hit(stack, buyer, (called_off(buyer, order) for order in left), "collect")
    await hit(stack, buyer, (made_ready(seller, order) for order in kept), "inventory")
    codes = [await code_of(buyer, order) for order in kept]
    collected = (handed_over(seller, *each) for each in zip(kept, codes, strict=True))
    await hit(stack, buyer, collected, "inventory", "collect")

    after = await settled(till, SCREWS, held=before.held_quantity)
    assert after.on_hand_quantity == before.on_hand_quantity - len(kept) * HANDFUL_G
    assert await till.verify(SCREWS)
    states = [(await found(buyer, order))["state"] for order in (*kept, *left)]
    assert states == ["collected"] * len(kept) + ["cancelled"] * len(left)


async def hit(
    stack: Stack, person: Person, works: Iterable[Coroutine[Any, Any, Answer]], *names: str
) -> list[Any]:
    """What each comes to, some of them under way while these are killed."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def in_turn(work: Coroutine[Any, Any, Answer]) -> Answer:
        async with turns:
            return await work

    tasks = [asyncio.create_task(in_turn(work)) for work in works]
    await several(tasks, ANSWERED_COUNT)
    assert not all(task.done() for task in tasks)  # Else nothing was hit.
    await killed(stack, person, *names)
    return [answer.ok() for answer in await asyncio.gather(*tasks)]


async def sent(person: Person, path: str, body: Any = None) -> Answer:
    return await repeated(person, "POST", path, body or {}, str(uuid4()))


async def called_off(person: Person, order: Any) -> Answer:
    return await sent(person, f"/v1/orders/{order['order_id']}/cancel")


async def made_ready(seller: Person, order: Any) -> Answer:
    path = f"/v1/terminal/orders/{order['order_id']}"
    pick = {"line_number": 1, "found_quantity": HANDFUL_G}
    (await sent(seller, f"{path}/picks", pick)).ok()
    return await sent(seller, f"{path}/stage", {"bin_label": "B-12"})


async def code_of(buyer: Person, order: Any) -> str:
    return str((await buyer.get(f"/v1/orders/{order['order_id']}/code")).ok()["code"])


async def handed_over(seller: Person, order: Any, code: str) -> Answer:
    path = f"/v1/terminal/orders/{order['order_id']}/hand-over"
    return await sent(seller, path, {"code": code})
