"""One kind of work by one driver, as the house does it, in a process of its own."""

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias

import uvloop

from benchmarks.generator import summary_of
from chassis.mongo import Database, Session, connect
from chassis.mongo_drivers import DriverName

DATABASE = "comptoir_drivers"
TIMEOUT_S = 30.0
LONG_COUNT = 10_000
ADD = {"$inc": {"count": 1}}

Work: TypeAlias = Callable[[Database, int], Awaitable[object]]


async def find_one(database: Database, caller: int) -> None:
    await database.collection("rows").find_one({"_id": caller})


async def update(database: Database, caller: int) -> None:
    await database.collection("rows").update_one({"_id": caller}, ADD)


async def transaction(database: Database, caller: int) -> None:
    """Of two updates, of rows of the caller's own: the driver is measured, not a quarrel."""
    rows = database.collection("rows")

    async def both(session: Session) -> None:
        for key in (caller, -caller - 1):
            await rows.update_one({"_id": key}, ADD, session=session)

    await database.transaction(both, timeout_s=TIMEOUT_S)


async def cursor(database: Database, caller: int) -> None:
    found = database.collection("long").find({})
    assert len([document async for document in found]) == LONG_COUNT


WORKS: dict[str, Work] = {work.__name__: work for work in (find_one, update, transaction, cursor)}


async def done(
    uri: str, driver: DriverName, work: Work, *, at_once: int, seconds: float
) -> dict[str, float]:
    async with connect(uri, DATABASE, driver=driver) as database:
        await filled(database, at_once)
        one = partial(work, database)
        # So that no round pays for opening its connections.
        await asyncio.gather(*(one(caller) for caller in range(at_once)))
        summary = await repeated(one, at_once=at_once, seconds=seconds)
        await database.drop()
    return summary


async def filled(database: Database, at_once: int) -> None:
    await database.drop()
    rows = [{"_id": key, "count": 0} for key in range(-at_once, at_once)]
    await database.collection("rows").insert_many(rows)
    long = [{"_id": key, "sku": f"SKU-{key}", "on_hand_count": key} for key in range(LONG_COUNT)]
    await database.collection("long").insert_many(long)


async def repeated(
    one: Callable[[int], Awaitable[object]], *, at_once: int, seconds: float
) -> dict[str, float]:
    """What a `Run` has. The processor time is this process's: with threads, without MongoDB."""
    latencies_s: list[float] = []
    begin_s, begin_cpu_s = time.perf_counter(), time.process_time()

    async def caller(number: int) -> None:
        while (asked_s := time.perf_counter()) < begin_s + seconds:
            await one(number)
            latencies_s.append(time.perf_counter() - asked_s)

    await asyncio.gather(*(caller(number) for number in range(at_once)))
    took_s, cpu_s = time.perf_counter() - begin_s, time.process_time() - begin_cpu_s
    used = {"server_cores": cpu_s / took_s, "server_ms": cpu_s * 1000 / len(latencies_s)}
    return summary_of(latencies_s, 0, took_s) | used


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("uri")
    parser.add_argument("driver", type=DriverName)
    parser.add_argument("work", choices=WORKS)
    parser.add_argument("--at-once", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    work = WORKS[given.work]
    made = done(given.uri, given.driver, work, at_once=given.at_once, seconds=given.seconds)
    print(json.dumps(uvloop.run(made)))


if __name__ == "__main__":
    main()
