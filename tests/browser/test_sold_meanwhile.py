"""What an order holds is sold at the till: its customer and its picker see so by themselves."""

from collections.abc import AsyncIterator

import grpc
import pytest
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub

from tests.browser.buying import choose_shop, choose_slot, sign_up
from tests.browser.screens import Screen
from tests.browser.test_terminal import start
from tests.machines import signed_in
from tests.people import Person
from tests.shopping import COUNTER, Till
from tests.suite import Stack

# The till sells all there are, and no other test takes any.
LAST = "MES-5023"


@pytest.fixture
async def till(stack: Stack) -> AsyncIterator[Till]:
    async with grpc.aio.insecure_channel(stack.address("inventory")) as inventory:
        yield Till(StockServiceStub(inventory), await signed_in(stack, "till"))


async def test_an_order_goes_on_with_what_is_left_and_is_called_off_with_nothing(
    phone: Screen, floor: Screen, seller: Person, till: Till
) -> None:
    await choose_shop(phone)
    await phone.open(f"#/p/{LAST}")
    await phone.fill(".stepper-input", "2")
    await phone.locator(".buy .primary").click()
    await phone.sees(".toast-check")
    await choose_slot(phone, COUNTER)
    await sign_up(phone)
    await phone.press("Commander")
    await phone.sees(".steps")
    order_id = phone.page.url.rsplit("/", 1)[1]
    placed = (await seller.get(f"/v1/terminal/orders/{order_id}")).ok()
    await till.sell(LAST, (await till.available(LAST)).on_hand_quantity - 1)
    await phone.sees(".line-warning", "reste que 1")

    await start(floor, placed["label"])
    await floor.sees(".pick-card .missing", "plus que 1 sur 2")
    await floor.sees(".job-actions", "Trouvé 1")
    left = (await seller.get(f"/v1/terminal/orders/{order_id}")).ok()
    assert left["total"]["minor"] == left["lines"][0]["unit_price"]["minor"]

    await till.sell(LAST, 1)
    await phone.sees("h1", "Annulée")
    await phone.sees(".order-head, main", "a été plus rapide")
    assert await till.verify(LAST)
