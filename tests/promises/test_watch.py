"""The promise about following stock, on the running suite, by the client package alone."""

import asyncio
import os
import random
import signal
import time
from datetime import UTC, datetime
from uuid import uuid4

from comptoir.inventory.v1 import count_service_pb2 as count_pb
from google.protobuf.duration_pb2 import Duration

from comptoir_client import available_quantity
from tests.bursts import stock_is_found
from tests.promises.follower import Follower
from tests.promises.programs import HERE, THERE, Keeper, Seller, is_made, line
from tests.suite import Stack
from tests.waiting import until

WORKERS_COUNT, STEPS_COUNT = 6, 50
SOON = Duration(seconds=1)  # It lapses at the next half minute.
LAPSE_S_MAX = 40.0


class Shops:
    """Two locations where articles are ordered, sold, counted, and held for a moment."""

    def __init__(self, skus: list[str], shop: Seller, keeper: Keeper) -> None:
        self._skus = skus
        self._shop = shop
        self._keeper = keeper
        self._chance = random.Random(8)
        self.steps_count = 0

    async def work(self) -> None:
        for _ in range(STEPS_COUNT):
            do = self._chance.choice([self._order, self._order, self._sell, self._count])
            await do(self._chance.choice(self._skus))
            self.steps_count += 1

    async def at_step(self, number: int) -> None:
        async def is_there() -> bool:
            return self.steps_count >= number

        await until(is_there, timeout_s=120)

    async def _order(self, sku: str) -> None:
        """Paid, called off, renewed, or left to lapse."""
        lines = [line(sku, 2), line(self._chance.choice(self._skus), location_id=THERE)]
        hold = self._chance.choice([SOON, Duration(seconds=600)])
        held = await self._shop.reserve(*lines, hold=hold)
        ways = [self._shop.pay, self._shop.release, self._shop.renew, None]
        if is_made(held) and (way := self._chance.choice(ways)) is not None:
            await way(held.reservation_id)

    async def _sell(self, sku: str) -> None:
        await self._shop.sell(sku, self._chance.randint(1, 3))

    async def _count(self, sku: str) -> None:
        count_id = await self._keeper.begin_count([sku])
        (now,) = await self._keeper.available_of([sku])
        seen = count_pb.SeenLine(
            sku=sku,
            seen_quantity=max(now.on_hand_quantity + self._chance.randint(-2, 5), 0),
            position=now.revision,
        )
        await self._keeper.record_count(count_id, [seen])


async def test_promise_08_from_the_watch_alone_a_consumer_has_the_exact_stock(
    stack: Stack, keeper: Keeper, shop: Seller, follower: Follower
) -> None:
    """Lapses included, whoever is killed; saleor#19449, #11637; shopify-app-js#603."""
    run = uuid4().hex
    quiet, skus = f"QUIET-{run}", [f"WATCH-{run}-{number}" for number in range(6)]
    missed = {step: f"MISSED-{run}-{step}" for step in (40, 90, 140, 190)}
    every = [quiet, *skus, *missed.values()]
    for where in (HERE, THERE):
        await keeper.put_all(dict.fromkeys(every, 60), location_id=where)
    held = await shop.reserve(line(quiet, 7), hold=SOON)
    shops = Shops(skus, shop, keeper)

    async def deaths() -> None:
        await follower.live(every)
        for step, sku in missed.items():
            await shops.at_step(step)
            await follower.die()
            await shop.sell(sku)  # Never again: who is not told of it now never is.
            if step in (90, 190):
                said = len(stack.words)
                os.kill(stack.pid("inventory"), signal.SIGKILL)
                await stack.says("inventory serves again", after=said)
                await stock_is_found(stack)
            await follower.live(every)

    await asyncio.gather(deaths(), *(shops.work() for _ in range(WORKERS_COUNT)))

    async def have_lapsed() -> bool:
        """All that were to lapse soon: none does while we compare."""
        shown = [
            each
            for where in (HERE, THERE)
            for each in await keeper.available_of(every, location_id=where)
        ]
        soon_s = time.time() + LAPSE_S_MAX
        return not any(0 < each.valid_until_time.seconds < soon_s for each in shown)

    async def has_come() -> bool:
        return follower.rows == await follower.seen_anew(every)

    await until(have_lapsed, timeout_s=LAPSE_S_MAX)
    await until(has_come)
    rows, now = follower.rows, datetime.now(UTC)
    assert len(rows) == 2 * len(every)
    for where in (HERE, THERE):
        shown = await keeper.available_of(every, location_id=where)
        said = {each.sku: (each.revision, each.available_quantity) for each in shown}
        mine = {sku: rows[where, sku] for sku in every}
        known = {sku: (row.revision, available_quantity(row, now)) for sku, row in mine.items()}
        assert known == said
    # Nobody told of it: the row is as the hold left it.
    lapsed = rows[HERE, quiet]
    assert [claim.expire_time for claim in lapsed.claims] == [held.expire_time]
    assert available_quantity(lapsed, now) == 60
