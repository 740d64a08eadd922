"""The promises about stock, on the running suite, through contract and client package alone."""

import asyncio
import os
import random
import signal
from collections import Counter
from typing import Any
from uuid import uuid4

from comptoir.inventory.v1 import reservation_service_pb2 as pb

from tests.bursts import stock_is_found
from tests.promises.programs import THERE, Keeper, Seller, is_made, line
from tests.suite import Stack

SHORT = "INSUFFICIENT_STOCK"


async def test_promise_01_of_a_thousand_who_want_one_unit_exactly_one_gets_it(
    stack: Stack, keeper: Keeper, shop: Seller
) -> None:
    """Whoever owns the stock dying meanwhile; magento2#25653, vendure#3508."""
    sku, said = f"ONE-{uuid4().hex}", len(stack.words)
    await keeper.put(sku, 1)
    ids = [str(uuid4()) for _ in range(1000)]
    asked = [asyncio.create_task(shop.reserve(line(sku), request_id=each)) for each in ids]
    await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    os.kill(stack.pid("inventory"), signal.SIGKILL)
    waiting_count = sum(not each.done() for each in asked)
    outcomes = await asyncio.gather(*asked)
    await stack.says("inventory serves again", after=said)
    await stock_is_found(stack)

    assert waiting_count
    made = [outcome for outcome in outcomes if is_made(outcome)]
    assert len(made) == 1 and Counter(filter(is_said, outcomes)) == {SHORT: 999}
    assert await shop.reserve(line(sku), request_id=ids[outcomes.index(made[0])]) == made[0]
    shown = await keeper.available(sku)
    assert (shown.held_quantity, shown.available_quantity) == (1, 0)
    assert (await keeper.proof(sku)).balanced


async def test_promise_02_two_channels_never_sell_more_than_there_is(
    keeper: Keeper, shop: Seller, market: Seller
) -> None:
    """magento/inventory#2727."""
    sku = f"TWENTY-{uuid4().hex}"
    await keeper.put(sku, 20)

    async def bought(by: Seller) -> Any:
        held = await by.reserve(line(sku))
        return await by.pay(held.reservation_id) if is_made(held) else held

    outcomes = await asyncio.gather(*(bought(by) for _ in range(50) for by in (shop, market)))
    assert sum(map(is_made, outcomes)) == 20
    assert Counter(filter(is_said, outcomes)) == {SHORT: 80}
    shown = await keeper.available(sku)
    assert (shown.on_hand_quantity, shown.held_quantity, shown.short_quantity) == (0, 0, 0)


async def test_promise_04_what_was_replaced_can_not_be_paid(keeper: Keeper, shop: Seller) -> None:
    """woocommerce#67354."""
    sku = f"BASKET-{uuid4().hex}"
    await keeper.put(sku, 5)
    old = await shop.reserve(line(sku, 4))
    new = await shop.supersede(old.reservation_id, line(sku, 5))

    assert await shop.pay(old.reservation_id) == "RESERVATION_ENDED"
    assert (await keeper.available(sku)).held_quantity == 5
    paid = await shop.pay(new.reservation_id)
    assert paid.state == pb.RESERVATION_STATE_COMMITTED
    assert (await keeper.available(sku)).on_hand_quantity == 0


async def test_promise_05_lines_at_two_stores_are_held_together_or_not_at_all(
    keeper: Keeper, shop: Seller
) -> None:
    """medusa#14987, #15132."""
    lamp, cord = f"LAMP-{uuid4().hex}", f"CORD-{uuid4().hex}"
    await keeper.put(lamp, 9)
    await keeper.put(cord, 3, location_id=THERE)
    both = (line(lamp), line(cord, location_id=THERE))
    # In either order, so that they lock what they need from both ends.
    orders = [both if number % 2 else both[::-1] for number in range(20)]

    outcomes = await asyncio.gather(*(shop.reserve(*lines) for lines in orders))
    assert sum(map(is_made, outcomes)) == 3
    held = [await keeper.available(lamp), await keeper.available(cord, location_id=THERE)]
    assert [each.held_quantity for each in held] == [3, 3]


async def test_promise_06_claims_are_the_live_reservations_at_every_instant(
    keeper: Keeper, shop: Seller, market: Seller
) -> None:
    """medusa#12401, #11131."""
    sku = f"BUSY-{uuid4().hex}"
    await keeper.put(sku, 40)
    chance = random.Random(11)
    working = asyncio.gather(*(busy(by, sku, chance) for _ in range(4) for by in (shop, market)))
    proofs = 0
    while not working.done() or not proofs:
        proof = await keeper.proof(sku)
        assert proof.balanced, proof
        proofs += 1

    assert not any(await working)
    shown = await keeper.available(sku)
    assert shown.held_quantity >= 0 and (await keeper.proof(sku)).balanced


async def busy(by: Seller, sku: str, chance: random.Random) -> list[str]:
    """Thirty things that one may do; what went wrong that should not."""
    mine: list[str] = []
    wrong: list[str] = []
    for _ in range(30):
        act = chance.choice(["reserve", "reserve", "supersede", "renew", "release", "pay", "sell"])
        if act == "sell":
            outcome = await by.sell(sku)
        elif act == "reserve" or not mine:
            outcome = await by.reserve(line(sku, chance.randint(1, 3)))
        else:
            its_id = mine.pop(chance.randrange(len(mine)))
            lines = [line(sku, chance.randint(1, 3))] if act == "supersede" else []
            outcome = await getattr(by, act)(its_id, *lines)
        if is_made(outcome) and outcome.state == pb.RESERVATION_STATE_ACTIVE:
            mine.append(outcome.reservation_id)
        if is_said(outcome) and outcome != SHORT:
            wrong.append(outcome)
    return wrong


async def test_promise_07_what_is_read_after_a_write_is_right(keeper: Keeper, shop: Seller) -> None:
    """magento/inventory#2933, #3462."""
    sku = f"READ-{uuid4().hex}"
    await keeper.put(sku, 30)
    for number in range(1, 11):
        held = await shop.reserve(line(sku))
        assert (await keeper.available(sku)).available_quantity == 30 - 2 * number + 1
        await shop.sell(sku)
        assert (await keeper.available(sku)).available_quantity == 30 - 2 * number
        await shop.pay(held.reservation_id)
        shown = await keeper.available(sku)
        assert (shown.available_quantity, shown.held_quantity) == (30 - 2 * number, 0)


def is_said(outcome: object) -> bool:
    """Whether it is a reason."""
    return isinstance(outcome, str)
