"""The promise about counts, on the running suite, through contract and client package alone."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import AsyncExitStack
from uuid import uuid4

from comptoir.inventory.v1 import count_service_pb2 as count_pb

from tests.promises.programs import Keeper, Seller

SHELF = 10  # Articles that are seen in one look.


class Shelves:
    """What is really there, of which the book says something else."""

    def __init__(self, quantities: dict[str, int]) -> None:
        self.quantities = quantities
        # An article in somebody's hand is neither on the shelf nor sold.
        self.in_hand = {sku: asyncio.Lock() for sku in quantities}

    async def sell(self, by: Seller, sku: str) -> None:
        async with self.in_hand[sku]:
            self.quantities[sku] -= 1
            await by.sell(sku)

    async def seen(self, keeper: Keeper, skus: Sequence[str]) -> list[count_pb.SeenLine]:
        """All of a shelf at a glance, with the position of each article in the ledger."""
        async with AsyncExitStack() as still:
            for sku in skus:
                await still.enter_async_context(self.in_hand[sku])
            quantities = [self.quantities[sku] for sku in skus]
            positions = [each.revision for each in await keeper.available_of(skus)]
        return [
            count_pb.SeenLine(sku=sku, seen_quantity=quantity, position=position)
            for sku, quantity, position in zip(skus, quantities, positions, strict=True)
        ]


async def test_promise_14_two_hundred_articles_counted_while_they_sell_are_as_on_the_shelf(
    keeper: Keeper, shop: Seller
) -> None:
    """OCA/stock-logistics-warehouse#2343, odoo#62139."""
    chance, run = random.Random(14), uuid4().hex
    skus = [f"COUNT-{run}-{number:03}" for number in range(200)]
    shelves = Shelves({sku: chance.randint(8, 20) for sku in skus})
    book = {sku: max(there + chance.randint(-9, 4), 0) for sku, there in shelves.quantities.items()}
    await keeper.put_all(book)
    count_id, counted = await keeper.begin_count(skus), asyncio.Event()
    sold_while_counting = list[str]()

    async def tills() -> None:
        while not counted.is_set():
            sku = chance.choice(skus)
            if shelves.quantities[sku] > 4:
                await shelves.sell(shop, sku)
                sold_while_counting.append(sku)

    async def counter() -> None:
        seen = list[count_pb.SeenLine]()
        for first in range(0, len(skus), SHELF):
            # What was seen is written down only behind the next shelf: meanwhile it sells.
            noted, seen = seen, await shelves.seen(keeper, skus[first : first + SHELF])
            if noted:
                assert not isinstance(await keeper.record_count(count_id, noted), str)
        assert not isinstance(await keeper.record_count(count_id, seen), str)
        counted.set()

    await asyncio.gather(counter(), *(tills() for _ in range(4)))

    assert len(set(sold_while_counting)) > SHELF
    found = {each.sku: each for each in await keeper.available_of(skus)}
    assert {sku: each.on_hand_quantity for sku, each in found.items()} == shelves.quantities
    assert not any(each.short_quantity for each in found.values())
    for sku in sold_while_counting[:SHELF]:
        assert (await keeper.proof(sku)).balanced
