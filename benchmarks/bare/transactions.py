"""Transactions of two updates each by the bare driver, as many at once as asked for."""

import argparse
import asyncio
import json
import time
from typing import Any

import uvloop
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import WriteConcern
from pymongo.read_concern import ReadConcern

from benchmarks.generator import summary_of

DATABASE = "comptoir_bare"


async def made(uri: str, *, at_once: int, seconds: float) -> dict[str, float]:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(uri)
    rows = client[DATABASE]["rows"]
    await rows.drop()
    await rows.insert_many([{"_id": number, "count": 0} for number in range(2 * at_once)])
    latencies_s: list[float] = []
    begin_s = time.perf_counter()

    async def writer(number: int) -> None:
        """Rows of its own: what is compared is the engine, not a quarrel over rows."""
        async with await client.start_session() as session:
            while (sent_s := time.perf_counter()) < begin_s + seconds:
                snapshot, majority = ReadConcern("snapshot"), WriteConcern("majority", j=True)
                async with session.start_transaction(snapshot, majority):
                    for key in (2 * number, 2 * number + 1):
                        change = {"$inc": {"count": 1}}
                        await rows.update_one({"_id": key}, change, session=session)
                latencies_s.append(time.perf_counter() - sent_s)

    await asyncio.gather(*(writer(number) for number in range(at_once)))
    took_s = time.perf_counter() - begin_s
    await client.drop_database(DATABASE)
    return summary_of(latencies_s, 0, took_s)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("--connections", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    done = uvloop.run(made(given.uri, at_once=given.connections, seconds=given.seconds))
    print(json.dumps(done))


if __name__ == "__main__":
    main()
