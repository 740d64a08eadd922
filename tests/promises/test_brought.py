"""What a till sold behind an order comes from another shop: on the running suite, by its HTTP."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.people import Person, customer
from tests.promises.programs import Keeper, Seller
from tests.rights.callers import issuers_of
from tests.rights.world import staff
from tests.shopping import ordered
from tests.suite import Stack
from tests.waiting import until

# No other test has them.
MOWER, HERE, THERE = "GDN-2201", "quimper", "nantes-ile"


class Floor:
    """Staff of a shop at their terminal."""

    def __init__(self, person: Person, location_id: str) -> None:
        self.person = person
        self._location_id = location_id

    async def parcels(self, way: str) -> list[Any]:
        path = f"/v1/terminal/parcels/{way}"
        answer = await self.person.get(path, location_id=self._location_id)
        found: list[Any] = answer.ok()["parcels"]
        return found

    async def does(self, parcel: Any, what: str, **body: Any) -> Any:
        path = f"/v1/terminal/parcels/{parcel['parcel_id']}/{what}"
        return (await self.person.post(path, body)).ok()


@pytest.fixture
async def http(stack: Stack) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(stack.url) as opened:
        yield opened


@pytest.fixture
async def floors(stack: Stack, http: aiohttp.ClientSession) -> AsyncIterator[tuple[Floor, Floor]]:
    """Of the shop where the order is, and of the one that sends."""
    async with issuers_of(stack) as issuers:
        tokens = {
            at: staff(at, "associate", at).token_for(issuers, "gateway") for at in (HERE, THERE)
        }
        yield Floor(Person(http, tokens[HERE]), HERE), Floor(Person(http, tokens[THERE]), THERE)


async def test_another_shop_sends_what_the_till_sold_and_the_customer_is_told_once(
    http: aiohttp.ClientSession, floors: tuple[Floor, Floor], keeper: Keeper, shop: Seller
) -> None:
    here, there = floors
    for location_id in (HERE, THERE):
        await keeper.put(MOWER, 2, location_id=location_id)
    await keeper.put_rule(THERE, HERE)
    buyer = await customer(http)
    lines = [{"sku": MOWER, "quantity": 2}]
    order = await ordered(buyer, lines, point_id=f"{HERE}-counter", location_id=HERE)
    path = f"/v1/orders/{order['order_id']}"
    async with buyer.events(f"{path}/events") as told:
        await anext(told)
        await shop.sell(MOWER, 1, location_id=HERE)
        coming = await anext(told)
    (line,) = coming["lines"]
    assert (line["state"], line["brought_quantity"], line["broken_quantity"]) == (
        "on_its_way",
        1,
        0,
    )
    assert line["brought_from_location_id"] == THERE and coming["ready_time"]

    (parcel,) = await there.parcels("outgoing")
    one = [{"sku": MOWER, "quantity": 1}]
    await there.does(parcel, "pack", lines=one, bin_label="N-1")
    await there.does(parcel, "send")
    terminal = f"/v1/terminal/orders/{order['order_id']}"
    (await here.person.post(f"{terminal}/picks", {"line_number": 1, "found_quantity": 1})).ok()
    (await here.person.post(f"{terminal}/stage", {"bin_label": "Q-1"})).ok()
    (expected,) = await here.parcels("incoming")
    assert (expected["order_id"], parcel["order_id"]) == (order["order_id"], "")
    await here.does(expected, "receive", lines=one, bin_label="Q-1")

    ready = (await buyer.get(path)).ok()
    assert (ready["state"], ready["total"]) == ("ready", order["total"])
    code = (await buyer.get(f"{path}/code")).ok()["code"]
    handed = {"code": code, "paid_at_counter": True}
    assert (await here.person.post(f"{terminal}/hand-over", handed)).ok()["state"] == "collected"
    await until(lambda: nothing_is_left(keeper))
    await keeper.put_rule(THERE, HERE, withdrawn=True)


async def nothing_is_left(keeper: Keeper) -> bool:
    """No unit of it is held or on its way, and the books agree with themselves."""
    for location_id, on_hand in ((HERE, 0), (THERE, 1)):
        shown = await keeper.available(MOWER, location_id=location_id)
        if (shown.on_hand_quantity, shown.held_quantity, shown.in_transit_quantity) != (
            on_hand,
            0,
            0,
        ):
            return False
        assert (await keeper.proof(MOWER, location_id=location_id)).balanced
    return True
