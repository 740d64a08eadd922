"""Years of a chain's ledger, by the bare driver, in the documents that inventory keeps."""

import argparse
import asyncio
import json
import time
from datetime import UTC, datetime
from typing import Any

import uvloop
from pymongo import AsyncMongoClient, WriteConcern

CHUNK_COUNT = 1000
AT_ONCE = 4
# A receipt and then sales of one; of one row in so many a unit is held.
RECEIVED, HELD_EVERY = 1000, 100
AT, EXPIRE_INSTANT = 1_790_000_000, 4_000_000_000
NOW = datetime(2026, 1, 2, tzinfo=UTC)

Document = dict[str, Any]


async def written(
    uri: str, database: str, *, locations: int, skus: int, movements: int
) -> dict[str, float]:
    """`movements` of each row. Not of the majority: nothing reads it before all is there."""
    client: AsyncMongoClient[Document] = AsyncMongoClient(uri, timeoutMS=60_000)
    kept = client.get_database(database, write_concern=WriteConcern(1, j=False))
    chunks = iter(
        [
            (f"proof-{place:04}", first, min(first + CHUNK_COUNT, skus))
            for place in range(locations)
            for first in range(0, skus, CHUNK_COUNT)
        ]
    )
    begin_s = time.perf_counter()

    async def writer() -> None:
        for location_id, first, end in chunks:
            numbers = range(first, end)
            rows = [row_of(location_id, number, movements) for number in numbers]
            await kept["stock"].insert_many(rows, ordered=False)
            for turn in range(movements):
                moved = [movement_of(location_id, number, turn) for number in numbers]
                await kept["movements"].insert_many(moved, ordered=False)
            held = [reservation_of(location_id, number) for number in numbers if is_held(number)]
            await kept["reservations"].insert_many(held, ordered=False)

    async with client:
        await asyncio.gather(*(writer() for _ in range(AT_ONCE)))
        await client.admin.command("fsync")
    return {"rows": locations * skus, "seconds": time.perf_counter() - begin_s}


def is_held(number: int) -> bool:
    return number % HELD_EVERY == 0


def sku_of(number: int) -> str:
    return f"SKU-{number:06}"


def row_of(location_id: str, number: int, movements: int) -> Document:
    place = {"location_id": location_id, "sku": sku_of(number)}
    return {
        "_id": place,
        **place,
        "on": {"sellable": RECEIVED - (movements - 1)},
        "held": {str(EXPIRE_INSTANT): 1} if is_held(number) else {},
        "at": AT,
        "short": 0,
        "safety": 0,
        "revision": movements,
        "safety_by_channel": {},
        "corrected": 0,
        "counted": 0,
        "schema": 1,
        "touched": 0,
    }


def movement_of(location_id: str, number: int, turn: int) -> Document:
    is_receipt = turn == 0
    movement_id = f"proof-{location_id}-{number:06}-{turn:04}"
    return {
        "_id": movement_id,
        "movement_id": movement_id,
        "location_id": location_id,
        "sku": sku_of(number),
        "source": "outside" if is_receipt else "sellable",
        "target": "sellable" if is_receipt else "outside",
        "quantity": RECEIVED if is_receipt else 1,
        "cause": "receipt" if is_receipt else "sale",
        "document_id": "",
        "actor": "importer",
        "record_time": NOW,
        "occur_time": NOW,
        "revision": turn + 1,
        "schema": 1,
        "touched": 0,
    }


def reservation_of(location_id: str, number: int) -> Document:
    reservation_id = f"proof-{location_id}-{number:06}"
    return {
        "_id": reservation_id,
        "reservation_id": reservation_id,
        "owner": "bench",
        "lines": [{"location_id": location_id, "sku": sku_of(number), "quantity": 1}],
        "expire_instant": EXPIRE_INSTANT,
        "document_id": "",
        "status": "active",
        "revision": 1,
        "superseded_by_id": "",
        "broken": [],
        "make_instant": AT,
        "buyer_id": "",
        "counted_skus": [],
        "schema": 1,
        "touched": 0,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("database")
    for name in ("locations", "skus", "movements"):
        parser.add_argument(f"--{name}", type=int, required=True)
    given = vars(parser.parse_args())
    print(json.dumps(uvloop.run(written(given.pop("uri"), given.pop("database"), **given))))


if __name__ == "__main__":
    main()
