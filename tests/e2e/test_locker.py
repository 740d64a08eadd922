"""From the phone to the door of a locker that shares nothing with the suite but its stream."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.cabinet import CABINET, Cabinet, running
from tests.people import Person
from tests.shopping import DRILL, LOCKER, Till, followed, ordered, picked_and_staged, settled
from tests.suite import Stack
from tests.waiting import until


async def loaded(buyer: Person, seller: Person, cabinet: Cabinet) -> Any:
    """An order that lies in the cabinet, waiting for its customer."""
    order = await ordered(
        buyer,
        [{"sku": DRILL, "quantity": 1}],
        point_id=LOCKER,
        payment={"method": "reference", "reference": f"sim_card_{uuid4()}"},
    )
    await picked_and_staged(seller, order)
    (await seller.post(f"/v1/terminal/orders/{order['order_id']}/load")).ok()
    await until(lambda: cabinet.is_open_for(order))
    name, _ = await cabinet.of(order)
    await cabinet.act("close", compartment=name)
    return await followed(buyer, order, "ready")


async def test_from_the_phone_to_the_locker_door(
    buyer: Person, seller: Person, till: Till, cabinet: Cabinet
) -> None:
    before = await till.available(DRILL)
    order = await loaded(buyer, seller, cabinet)
    await until(lambda: cabinet.wants(order, "ready"))
    code = (await buyer.get(f"/v1/orders/{order['order_id']}/code")).ok()["code"]

    wrong = await cabinet.act("type", code="00000000")
    assert wrong["answer"] == "WRONG_CODE", wrong
    await asyncio.sleep(wrong["wait_ms"] / 1000)
    opened = await cabinet.act("type", code=code)
    assert opened["answer"] == "OPEN", opened

    collected = await followed(buyer, order, "collected")
    assert collected["changes"][-1]["actor"] == "locker"
    after = await settled(till, DRILL, held=before.held_quantity)
    assert after.on_hand_quantity == before.on_hand_quantity - 1
    assert await till.verify(DRILL)


async def test_a_cabinet_without_its_line_opens_once_and_never_again(
    stack: Stack, state_file: Path, buyer: Person, seller: Person
) -> None:
    async with running(stack, state_file, code=stack.panel["cabinets"][CABINET]) as cabinet:
        await until(cabinet.is_attached)
        order = await loaded(buyer, seller, cabinet)
        await until(lambda: cabinet.wants(order, "ready"))
        text = (await buyer.get(f"/v1/orders/{order['order_id']}/code")).ok()["qr_text"]
        await cabinet.act("line", up=False)

        opened = await cabinet.act("scan", text=text)
        assert opened["answer"] == "OPEN", opened

    async with running(stack, state_file, code=stack.panel["cabinets"][CABINET]) as cabinet:
        again = await cabinet.act("scan", text=text)
        assert again["answer"] != "OPEN", again
        # What happened without a line is told when it is back.
        await followed(buyer, order, "collected")


async def test_an_order_called_off_in_a_locker_waits_for_the_cabinets_word(
    buyer: Person, seller: Person, cabinet: Cabinet, till: Till
) -> None:
    order = await loaded(buyer, seller, cabinet)
    await until(lambda: cabinet.wants(order, "ready"))
    await cabinet.act("line", up=False)

    pending = (await buyer.post(f"/v1/orders/{order['order_id']}/cancel")).ok()
    assert pending["state"] == "cancel_pending"
    assert pending["payment"]["state"] == "authorised"
    await cabinet.act("line", up=True)

    await followed(buyer, order, "cancelled")
    await until(lambda: has_money(buyer, order, "voided"))
    (await seller.post(f"/v1/terminal/orders/{order['order_id']}/take-back")).ok()
    await until(lambda: cabinet.is_open_for(order))
    name, _ = await cabinet.of(order)
    await cabinet.act("close", compartment=name)
    await until(lambda: is_proven_and_free(till, cabinet, order))


async def has_money(buyer: Person, order: Any, state: str) -> bool:
    found = (await buyer.get(f"/v1/orders/{order['order_id']}")).ok()
    return bool(found["payment"]["state"] == state)


async def is_proven_and_free(till: Till, cabinet: Cabinet, order: Any) -> bool:
    return await till.verify(DRILL) and not (await cabinet.of(order))[0]
