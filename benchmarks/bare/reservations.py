"""What one reservation of two lines writes, by the bare driver: no rule, no check, one by one."""

import argparse
import asyncio
import json
import random
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import uvloop
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ReplaceOne, WriteConcern
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from benchmarks.bare.transactions import DATABASE
from benchmarks.generator import summary_of

SHOP = "bench-reservations"
COLLECTIONS = ("answers", "outbox", "reservations")
UNTIL = 1_790_000_000

Document = dict[str, Any]


async def written(
    uri: str, *, skus_count: int, callers_count: int, pause_s: float, seconds: float
) -> dict[str, float]:
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(uri, w="majority", journal=True)
    await client.drop_database(DATABASE)
    database = client[DATABASE]
    await database["stock"].insert_many([row_of(sku, 0) for sku in range(skus_count)])
    await asyncio.gather(*(database.create_collection(name) for name in COLLECTIONS))
    latencies_s: list[float] = []
    begin_s = time.perf_counter()

    async def caller() -> None:
        async with await client.start_session() as session:
            while (sent_s := time.perf_counter()) < begin_s + seconds:
                skus = random.sample(range(skus_count), 2)
                while not await is_written(database, session, skus):
                    pass  # Somebody else had one of the rows.
                latencies_s.append(time.perf_counter() - sent_s)
                await asyncio.sleep(pause_s)

    await asyncio.gather(*(caller() for _ in range(callers_count)))
    took_s = time.perf_counter() - begin_s
    await client.drop_database(DATABASE)
    return summary_of(latencies_s, 0, took_s)


async def is_written(database: Any, session: Any, skus: list[int]) -> bool:
    """False where another transaction wrote one of the rows meanwhile."""
    snapshot, majority = ReadConcern("snapshot"), WriteConcern("majority", j=True)
    rows = [row_of(sku, 1) for sku in skus]
    reservation = reservation_of(rows)
    replacements = [ReplaceOne({"_id": row["_id"]}, row) for row in rows]
    try:
        async with session.start_transaction(snapshot, majority):
            await database["answers"].insert_one(answer_of(reservation), session=session)
            await database["outbox"].insert_one(told_of(rows, reservation), session=session)
            await database["reservations"].insert_one(reservation, session=session)
            await database["stock"].bulk_write(replacements, session=session)
    except PyMongoError as error:
        if error.has_error_label("TransientTransactionError"):
            return False
        raise
    return True


def row_of(sku: int, touched: int) -> Document:
    """Documents as the service keeps them."""
    place = {"location_id": SHOP, "sku": f"SKU-{sku:06}"}
    return {
        **place,
        "on": {"sellable": 1_000_000},
        "held": {str(UNTIL): 1},
        "at": UNTIL - 600,
        "short": 0,
        "safety": 0,
        "revision": 2,
        "safety_by_channel": {},
        "corrected": 0,
        "counted": 0,
        "_id": place,
        "schema": 1,
        "touched": touched,
    }


def reservation_of(rows: list[Document]) -> Document:
    reservation_id = str(uuid4())
    return {
        "reservation_id": reservation_id,
        "owner": "bench-market",
        "lines": [{**row["_id"], "quantity": 1} for row in rows],
        "expire_instant": UNTIL,
        "document_id": "",
        "status": "active",
        "revision": 1,
        "superseded_by_id": "",
        "broken": [],
        "make_instant": UNTIL - 600,
        "buyer_id": "",
        "counted_skus": [],
        "_id": reservation_id,
        "schema": 1,
        "touched": 0,
    }


def answer_of(reservation: Document) -> Document:
    kept = ("_id", "schema", "touched")
    return {
        "_id": f"bench-market Reserve {uuid4()}",
        "body_hash": bytes(32),
        "answer": {name: value for name, value in reservation.items() if name not in kept},
        "schema": 1,
    }


def told_of(rows: list[Document], reservation: Document) -> Document:
    kept = ("_id", "schema", "touched", "corrected", "counted")
    of_rows = [
        event_of(
            "stock_changed",
            f"{row['location_id']} {row['sku']}",
            row["revision"],
            {name: value for name, value in row.items() if name not in kept},
        )
        for row in rows
    ]
    key = reservation["reservation_id"]
    detail = {"reservation_id": key, "document_id": ""}
    events = [*of_rows, event_of("reservation_made", key, 1, detail)]
    return {"occur_time": datetime.now(UTC), "events": events}


def event_of(name: str, key: str, revision: int, detail: Document) -> Document:
    return {"name": name, "key": key, "revision": revision, "detail": detail}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("--skus", dest="skus_count", type=int, required=True)
    parser.add_argument("--callers", dest="callers_count", type=int, default=1)
    parser.add_argument("--pause", dest="pause_s", type=float, default=0.0)
    parser.add_argument("--seconds", type=float, required=True)
    given = vars(parser.parse_args())
    print(json.dumps(uvloop.run(written(given.pop("uri"), **given))))


if __name__ == "__main__":
    main()
