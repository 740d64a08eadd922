"""Finds of stock rows by their keys, by the bare driver: what a question about stock reads."""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvloop
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.read_concern import ReadConcern

from benchmarks.generator import summary_of

# As many as the service asks for at once.
KEYS_MAX = 1000


async def found(
    uri: str,
    database: str,
    location_ids: Sequence[str],
    *,
    callers_count: int,
    skus_count: int,
    rows_count: int,
    seconds: float,
) -> dict[str, float]:
    """Each find is of so many articles at one location, or of all at all if that many."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
    stock = client[database].get_collection("stock", read_concern=ReadConcern("majority"))
    chance = random.Random()
    latencies_s: list[float] = []
    missing_count = 0
    begin_s = time.perf_counter()

    async def caller() -> None:
        nonlocal missing_count
        while (sent_s := time.perf_counter()) < begin_s + seconds:
            places = places_by_chance(chance, location_ids, skus_count, rows_count)
            parts = [places[first : first + KEYS_MAX] for first in range(0, rows_count, KEYS_MAX)]
            counts = await asyncio.gather(*(read(stock, part) for part in parts))
            missing_count += rows_count - sum(counts)
            latencies_s.append(time.perf_counter() - sent_s)

    await asyncio.gather(*(caller() for _ in range(callers_count)))
    return summary_of(latencies_s, missing_count, time.perf_counter() - begin_s)


async def read(stock: Any, places: Sequence[tuple[str, str]]) -> int:
    """How many of them are there."""
    keys = [{"location_id": location_id, "sku": sku} for location_id, sku in places]
    return len(await stock.find({"_id": {"$in": keys}}).to_list(None))


def places_by_chance(
    chance: random.Random, location_ids: Sequence[str], skus_count: int, rows_count: int
) -> list[tuple[str, str]]:
    """So many articles at one location, or every article everywhere where those are as many."""
    if rows_count == skus_count * len(location_ids):
        return [(at, f"SKU-{n:06}") for at in location_ids for n in range(skus_count)]
    location_id = chance.choice(location_ids)
    return [(location_id, f"SKU-{n:06}") for n in chance.sample(range(skus_count), rows_count)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("database")
    parser.add_argument("file", type=Path)
    for name in ("callers", "skus", "rows"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    finding = found(
        given.uri,
        given.database,
        json.loads(given.file.read_text())["location_ids"],
        callers_count=given.callers,
        skus_count=given.skus,
        rows_count=given.rows,
        seconds=given.seconds,
    )
    print(json.dumps(uvloop.run(finding)))


if __name__ == "__main__":
    main()
