"""The main job, end to end, on the running suite: it grows with every slice and is never red."""

from typing import Any
from uuid import uuid4

import aiohttp

from tests.people import Person, customer
from tests.shopping import (
    COUNTER,
    DRILL,
    SAW,
    SHOP,
    Till,
    ordered,
    picked_and_staged,
    settled,
    slot_at,
)
from tests.waiting import until


async def test_from_the_phone_to_the_counter(buyer: Person, seller: Person, till: Till) -> None:
    before = await till.available(DRILL)
    lines = [{"sku": DRILL, "quantity": 2}]

    order = await ordered(buyer, lines)
    assert order["state"] == "confirmed"
    held = await till.available(DRILL)
    assert held.available_quantity == before.available_quantity - 2
    assert held.on_hand_quantity == before.on_hand_quantity

    queue = (await seller.get("/v1/terminal/queue", location_id=SHOP)).ok()["orders"]
    assert order["order_id"] in [each["order_id"] for each in queue]
    ready = await picked_and_staged(seller, order)
    assert (ready["state"], ready["place_label"]) == ("ready", "B-12")

    code = (await buyer.get(f"/v1/orders/{order['order_id']}/code")).ok()["code"]
    path = f"/v1/terminal/orders/{order['order_id']}/hand-over"
    wrong = await seller.post(path, {"code": "00000000", "paid_at_counter": True})
    assert (wrong.status, wrong.reason) == (409, "WRONG_CODE")
    unpaid = await seller.post(path, {"code": code})
    assert (unpaid.status, unpaid.reason) == (409, "PAYMENT_DUE")
    collected = (await seller.post(path, {"code": code, "paid_at_counter": True})).ok()
    assert (collected["state"], collected["payment"]["state"]) == ("collected", "captured")

    after = await settled(till, DRILL, held=before.held_quantity)
    assert after.on_hand_quantity == before.on_hand_quantity - 2
    assert await till.verify(DRILL)


async def test_what_was_collected_stands_in_the_history_once(buyer: Person, seller: Person) -> None:
    order = await ordered(buyer, [{"sku": DRILL, "quantity": 1}])
    await picked_and_staged(seller, order)
    code = (await buyer.get(f"/v1/orders/{order['order_id']}/code")).ok()["code"]
    path = f"/v1/terminal/orders/{order['order_id']}/hand-over"
    (await seller.post(path, {"code": code, "paid_at_counter": True})).ok()

    async def purchases() -> list[Any]:
        return list((await buyer.get("/v1/me/purchases")).ok()["purchases"])

    async def there() -> bool:
        return bool(await purchases())

    await until(there)
    found = await purchases()
    assert [purchase["purchase_id"] for purchase in found] == [order["order_id"]]
    assert found[0]["total"] == order["total"]


async def test_a_till_of_another_team_sells_from_the_same_stock(buyer: Person, till: Till) -> None:
    async def shown() -> int:
        view = (await buyer.get(f"/v1/products/{SAW}", location_id=SHOP)).ok()
        return int(view["availability"]["available_quantity"])

    before = await shown()

    await till.sell(SAW, 1)

    async def sold() -> bool:
        return await shown() == before - 1

    await until(sold)


async def test_a_cancelled_order_gives_everything_back(buyer: Person, till: Till) -> None:
    before = await till.available(DRILL)
    order = await ordered(
        buyer,
        [{"sku": DRILL, "quantity": 1}],
        payment={"method": "reference", "reference": f"sim_card_{uuid4()}"},
    )
    assert order["payment"]["state"] == "authorised"

    cancelled = (await buyer.post(f"/v1/orders/{order['order_id']}/cancel")).ok()

    assert cancelled["state"] == "cancelled"
    after = await settled(till, DRILL, held=before.held_quantity)
    assert after.available_quantity == before.available_quantity

    async def voided() -> bool:
        found = (await buyer.get(f"/v1/orders/{order['order_id']}")).ok()
        return bool(found["payment"]["state"] == "voided")

    await until(voided)


async def test_a_declined_payment_refuses_the_order_and_holds_nothing(
    buyer: Person, till: Till
) -> None:
    before = await till.available(DRILL)
    lines = [{"sku": DRILL, "quantity": 1}]
    body = {
        "lines": lines,
        "point_id": COUNTER,
        "slot_id": await slot_at(buyer, COUNTER, lines),
        "payment": {"method": "reference", "reference": "sim_declined_1"},
    }

    refused = await buyer.post("/v1/orders", body)

    assert (refused.status, refused.reason) == (409, "PAYMENT_DECLINED")
    await settled(till, DRILL, held=before.held_quantity)


async def test_the_same_key_gives_the_same_order_and_another_body_is_refused(
    buyer: Person,
) -> None:
    key, lines = str(uuid4()), [{"sku": DRILL, "quantity": 1}]
    slot_id = await slot_at(buyer, COUNTER, lines)
    body = {
        "lines": lines,
        "point_id": COUNTER,
        "slot_id": slot_id,
        "payment": {"method": "at_counter"},
    }
    first, again = [(await buyer.post("/v1/orders", body, key=key)).ok() for _ in "12"]
    other = await buyer.post(
        "/v1/orders", {**body, "lines": [{"sku": DRILL, "quantity": 2}]}, key=key
    )

    assert first["order_id"] == again["order_id"]
    assert (other.status, other.reason) == (409, "REQUEST_ID_REUSED")


async def test_another_customers_order_does_not_exist(
    buyer: Person, http: aiohttp.ClientSession
) -> None:
    order = await ordered(buyer, [{"sku": DRILL, "quantity": 1}])
    stranger = await customer(http)

    for path in ("", "/code"):
        answer = await stranger.get(f"/v1/orders/{order['order_id']}{path}")
        assert (answer.status, answer.reason) == (404, "UNKNOWN_ORDER")
    answer = await stranger.post(f"/v1/orders/{order['order_id']}/cancel")
    assert (answer.status, answer.reason) == (404, "UNKNOWN_ORDER")
