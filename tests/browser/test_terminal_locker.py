"""The terminal before a cabinet: a parcel goes in, and comes out again."""

from typing import Any
from uuid import uuid4

from tests.browser.screens import Screen
from tests.cabinet import Cabinet
from tests.people import Person
from tests.shopping import DRILL, LOCKER, followed, ordered, picked_and_staged
from tests.waiting import until


async def closed(cabinet: Cabinet, order: Any, purpose: str) -> str:
    """The order's door, closed once it has been opened for this."""

    async def is_open() -> bool:
        return (await cabinet.of(order))[1].get("door") == purpose

    await until(is_open)
    name, _ = await cabinet.of(order)
    await cabinet.act("close", compartment=name)
    return name


async def test_a_parcel_goes_behind_a_door_and_is_taken_out_when_it_is_called_off(
    floor: Screen, cabinet: Cabinet, buyer: Person, seller: Person
) -> None:
    card = {"method": "reference", "reference": f"sim_card_{uuid4()}"}
    lines = [{"sku": DRILL, "quantity": 1}]
    order = await ordered(buyer, lines, point_id=LOCKER, payment=card)
    await picked_and_staged(seller, order)
    await floor.open(f"#/orders/{order['order_id']}")
    await floor.press("Ouvrir la porte")
    await floor.sees(".waits", "ouverte")
    door = await closed(cabinet, order, "loading")
    await floor.sees(".settled", f"porte {door}")

    path = f"/v1/orders/{order['order_id']}/cancel"
    (await buyer.post(path, {"cause": "changed my mind"})).ok()
    await followed(buyer, order, "cancelled")
    await floor.sees(".job-total", "rien à payer")
    await floor.follow("Casier")
    row = f".empty-row:has-text('{door}')"
    await floor.press("Ouvrir et retirer", within=row)
    await closed(cabinet, order, "taking_back")
    await floor.sees_no(row)
