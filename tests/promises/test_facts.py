"""What has happened is never refused, and what it breaks is mended: on the running suite."""

import os
import signal
from uuid import uuid4

from tests.bursts import stock_is_found
from tests.promises.programs import Keeper, Seller, line
from tests.suite import Stack
from tests.waiting import until


async def test_what_the_till_took_is_broken_and_told_though_the_service_dies_behind_the_sale(
    stack: Stack, keeper: Keeper, shop: Seller, market: Seller
) -> None:
    sku, said = f"FACT-{uuid4().hex}", len(stack.words)
    await keeper.put(sku, 6)
    held = [await by.reserve(line(sku, 3)) for by in (shop, market)]
    sold = await shop.sell(sku, 4)
    os.kill(stack.pid("inventory"), signal.SIGKILL)
    await stack.says("inventory serves again", after=said)
    await stock_is_found(stack)

    async def is_mended() -> bool:
        return (await keeper.available(sku)).held_quantity == 2

    await until(is_mended)
    assert not isinstance(sold, str)
    first, second = await shop.get(held[0].reservation_id), await market.get(held[1].reservation_id)
    broken = [sum(each.quantity for each in one.broken_lines) for one in (first, second)]
    # One goes without before the other loses any; which, is by the second they were made in.
    assert sorted(broken) == [1, 3]
    assert (await keeper.proof(sku)).balanced
    paid = await shop.pay(first.reservation_id)
    assert sum(each.quantity for each in paid.lines) == 3 - broken[0]
