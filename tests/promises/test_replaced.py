"""What came in before an order was told what the till took of it: on the running suite."""

import aiohttp

from tests.bursts import standing_still
from tests.people import customer
from tests.promises.programs import Keeper, Seller
from tests.shopping import SAW, SHOP, ordered
from tests.suite import Stack
from tests.waiting import until


async def test_an_order_is_given_others_that_are_there_before_it_is_told(
    stack: Stack, keeper: Keeper, shop: Seller
) -> None:
    before = await keeper.available(SAW, location_id=SHOP)
    others = before.held_quantity
    await keeper.put(SAW, others + 6, location_id=SHOP)
    async with aiohttp.ClientSession(stack.url) as http:
        buyer = await customer(http)
        order = await ordered(buyer, [{"sku": SAW, "quantity": 2}])
        with standing_still(stack, "collect"):
            await shop.sell(SAW, 5)
            await until(lambda: holds(keeper, others + 1))
            await keeper.put(SAW, others + 6, location_id=SHOP)
        await until(lambda: holds(keeper, others + 2))

        path = f"/v1/orders/{order['order_id']}"
        after = (await buyer.get(path)).ok()
        assert (after["state"], after["lines"]) == (order["state"], order["lines"])
        (await buyer.post(f"{path}/cancel")).ok()
        await until(lambda: holds(keeper, others))
    await keeper.put(SAW, before.on_hand_quantity, location_id=SHOP)
    assert (await keeper.proof(SAW, location_id=SHOP)).balanced


async def holds(keeper: Keeper, quantity: int) -> bool:
    return (await keeper.available(SAW, location_id=SHOP)).held_quantity == quantity
