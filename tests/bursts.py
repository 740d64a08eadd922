"""Many orders at once on the running suite, and processes of it that are killed or stand still."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import aiohttp
import grpc

from tests.machines import enrolment_code
from tests.people import Answer, Person
from tests.shopping import COUNTER, SHOP
from tests.suite import Stack
from tests.waiting import until

SCREWS, HANDFUL_G = "VIS-KG450", 100  # By weight: enough for any burst.
BOUND_S = 120.0
AGAIN_FIRST_S, AGAIN_S_MAX = 0.05, 1.0
ASK_WHOLE_AGAIN_S = 0.25  # An address may ask for 120 pick-up options a minute.


async def killed(stack: Stack, person: Person, *names: str) -> None:
    """kill -9 of them all at once; returns when each serves again, and others find it."""
    said = len(stack.words)
    for name in names:
        os.kill(stack.pid(name), signal.SIGKILL)
    for name in names:
        await stack.says(f"{name} serves again", after=said)
    await until(partial(is_whole, person), again_s=ASK_WHOLE_AGAIN_S)
    await until(partial(can_enrol, stack), again_s=ASK_WHOLE_AGAIN_S)


async def stock_is_found(stack: Stack) -> None:
    """Return when inventory's callers have found it again, which is later than that it serves:
    else it is the next test that is refused."""
    async with aiohttp.ClientSession(stack.url) as http:
        await until(partial(has_options, Person(http)), again_s=ASK_WHOLE_AGAIN_S)
    await until(partial(can_enrol, stack), again_s=ASK_WHOLE_AGAIN_S)


async def is_whole(person: Person) -> bool:
    """Whether all that an order takes is there again."""
    try:
        return (await person.get("/v1/me")).status == 200 and await has_options(person)
    except aiohttp.ClientError:
        return False


async def has_options(person: Person) -> bool:
    return (await options_for(person)).status == 200


async def can_enrol(stack: Stack) -> bool:
    """Whether `associate` finds the shop of a new terminal."""
    try:
        await enrolment_code(stack, SHOP)
    except grpc.aio.AioRpcError:
        return False
    return True


async def repeated(person: Person, method: str, path: str, body: Any, key: str) -> Answer:
    """The answer to a request that is sent, with one key, until somebody answers; less and less
    often, as by every app: who insists is refused."""
    pause_s = AGAIN_FIRST_S
    async with asyncio.timeout(BOUND_S):
        while True:
            try:
                answer = await person.call(method, path, body=body, key=key)
                if answer.status not in (503, 504):
                    return answer
            except aiohttp.ClientError:
                pass  # The gateway itself is away.
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, AGAIN_S_MAX)


async def several(tasks: list[asyncio.Task[Answer]], count: int) -> None:
    """Wait until `count` of them are done."""
    while sum(task.done() for task in tasks) < count:
        running = [task for task in tasks if not task.done()]
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)


def order_for(slot_id: str) -> dict[str, Any]:
    return {
        "lines": [{"sku": SCREWS, "quantity": HANDFUL_G}],
        "point_id": COUNTER,
        "slot_id": slot_id,
        "payment": {"method": "reference", "reference": f"sim_card_{uuid4()}"},
    }


async def slots_for(person: Person, count: int) -> list[str]:
    """A slot with room for each of so many orders. Not the first: it may pass meanwhile."""
    slots = await slots_of(person)
    places = [slot["slot_id"] for slot in slots[1:] for _ in range(slot["left_count"])]
    assert len(places) >= count
    return places[:count]


async def slots_of(person: Person) -> list[dict[str, Any]]:
    options = (await options_for(person)).ok()["options"]
    return next(option["slots"] for option in options if option["point_id"] == COUNTER)


async def options_for(person: Person) -> Answer:
    lines = [{"sku": SCREWS, "quantity": HANDFUL_G}]
    return await person.post("/v1/pickup-options", {"lines": lines, "location_ids": [SHOP]})


async def found(person: Person, order: Any) -> Any:
    path = f"/v1/orders/{order['order_id']}"
    return (await repeated(person, "GET", path, None, "")).ok()


async def called_off(person: Person, orders: list[Any]) -> None:
    for order in orders:
        (await person.post(f"/v1/orders/{order['order_id']}/cancel")).ok()


async def is_confirmed(person: Person, order: Any) -> bool:
    state = (await found(person, order))["state"]
    assert state in ("placing", "confirmed")
    return bool(state == "confirmed")


@contextmanager
def standing_still(stack: Stack, name: str) -> Iterator[None]:
    """Nothing refuses or ends its calls: they are just not answered."""
    pid = stack.pid(name)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
