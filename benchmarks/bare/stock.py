"""Stock rows with a movement each, and one event a chunk, by the bare driver: no rule, no check."""

import argparse
import asyncio
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import uvloop
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import WriteConcern
from pymongo.read_concern import ReadConcern

from benchmarks.bare.transactions import DATABASE
from benchmarks.generator import summary_of

CHUNK_COUNT = 1000
# As many as the service writes at once.
AT_ONCE = 4
BY_PLACE = ("location_id", "sku", "revision", "_id", "source", "target", "quantity")
MOVEMENTS_BY_PLACE = [(name, 1) for name in BY_PLACE]
ROWS_BY_LOCATION = [("location_id", 1), ("_id", 1)]


async def written(uri: str, *, rows_count: int) -> dict[str, float]:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri, w="majority", journal=True)
    database = client[DATABASE]
    await database["movements"].create_index(MOVEMENTS_BY_PLACE)
    await database["stock"].create_index(ROWS_BY_LOCATION)
    await database.create_collection("outbox")
    chunks = iter(range(0, rows_count, CHUNK_COUNT))
    begin_s = time.perf_counter()

    async def writer() -> None:
        async with await client.start_session() as session:
            for first in chunks:
                rows = list(rows_of(first, min(CHUNK_COUNT, rows_count - first)))
                snapshot, majority = ReadConcern("snapshot"), WriteConcern("majority", j=True)
                async with session.start_transaction(snapshot, majority):
                    await database["outbox"].insert_one(told_of(rows), session=session)
                    await database["stock"].insert_many(rows, session=session)
                    await database["movements"].insert_many(movements_of(rows), session=session)

    await asyncio.gather(*(writer() for _ in range(AT_ONCE)))
    took_s = time.perf_counter() - begin_s
    await client.drop_database(DATABASE)
    return {**summary_of([], 0, took_s), "per_s": rows_count / took_s}


def rows_of(first: int, count: int) -> Iterator[dict[str, Any]]:
    """Documents as the service keeps them."""
    for number in range(first, first + count):
        place = {"location_id": f"bench-{number // 2500:04}", "sku": f"SKU-{number % 2500:06}"}
        yield {
            **place,
            "on": {"sellable": 7},
            "held": {},
            "at": 1_790_000_000,
            "short": 0,
            "safety": 0,
            "revision": 1,
            "safety_by_channel": {},
            "corrected": 0,
            "counted": 0,
            "_id": place,
            "schema": 1,
            "touched": 0,
        }


def movements_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    write_id, now = str(uuid4()), datetime.now(UTC)
    return [
        {
            "movement_id": f"{write_id}-{number:04}",
            "location_id": row["location_id"],
            "sku": row["sku"],
            "source": "outside",
            "target": "sellable",
            "quantity": 7,
            "cause": "receipt",
            "document_id": "",
            "actor": "importer",
            "record_time": now,
            "occur_time": now,
            "revision": 1,
            "_id": f"{write_id}-{number:04}",
            "schema": 1,
            "touched": 0,
        }
        for number, row in enumerate(rows, 1)
    ]


def told_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    location_id = rows[0]["location_id"]
    detail = {
        "location_id": location_id,
        "skus": [row["sku"] for row in rows],
        "revisions": [1] * len(rows),
    }
    event = {"name": "stock_imported", "key": location_id, "revision": 1, "detail": detail}
    return {"occur_time": datetime.now(UTC), "events": [event]}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("--rows", type=int, required=True)
    given = parser.parse_args()
    print(json.dumps(uvloop.run(written(given.uri, rows_count=given.rows))))


if __name__ == "__main__":
    main()
