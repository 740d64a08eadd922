"""How long a reservation takes on a sku of which very much is held, and on one of which little."""

import time
from functools import partial
from typing import Any

from pymongo import AsyncMongoClient

from benchmarks.bare.ledger import reservation_of
from benchmarks.figures import Figure, Target
from benchmarks.house import House
from benchmarks.reservations import SHOP, SKUS_COUNT, reserving, slower, told, written
from benchmarks.reservers import sku_of

HOLDS_COUNT, CHUNK_COUNT = 100_000, 5_000
# As long as holds may be, on the grid of the longest: more instants than a row mostly has.
GRID_S, INSTANTS_COUNT = 21_600, 28
HELD_SKU, FREE_SKU = SKUS_COUNT - 1, SKUS_COUNT - 2
GROWTH_MAX = 1.15


async def grown(house: House) -> Figure:
    """On skus of a shop that `benchmarks.reservations` has stocked. The holds stay: last of all."""
    await held(house)
    file = written(house, "holders.json", await told(house))
    alone = partial(reserving, house, file, callers=1, lines=1, skus=1)
    return await slower(
        "holds_growth",
        alone(first_sku=HELD_SKU),
        alone(first_sku=FREE_SKU),
        Target(most=GROWTH_MAX),
    )


async def held(house: House) -> None:
    """Holds as the service keeps them, written past it: by its own way it would take minutes."""
    now = int(time.time()) // GRID_S
    instants = [(now + 1 + n) * GRID_S for n in range(INSTANTS_COUNT)]
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(house.suite.engines.mongo_uri)
    async with client:
        database = client["comptoir_inventory"]
        for first in range(0, HOLDS_COUNT, CHUNK_COUNT):
            numbers = range(first, first + CHUNK_COUNT)
            await database["reservations"].insert_many(
                [hold(number, instants[number % INSTANTS_COUNT]) for number in numbers]
            )
        of_each = {
            f"held.{instant}": len(range(number, HOLDS_COUNT, INSTANTS_COUNT))
            for number, instant in enumerate(instants)
        }
        row = {"location_id": SHOP, "sku": sku_of(HELD_SKU)}
        more = {"$inc": {**of_each, "revision": 1}}
        written = await database["stock"].update_one({"_id": row}, more)
    assert written.modified_count == 1, "the row is not there: nothing would be measured"


def hold(number: int, instant: int) -> dict[str, Any]:
    made = reservation_of(f"{SHOP}-{number}", number)
    lines = [{"location_id": SHOP, "sku": sku_of(HELD_SKU), "quantity": 1}]
    return {**made, "lines": lines, "expire_instant": instant}
