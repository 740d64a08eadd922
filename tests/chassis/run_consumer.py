"""A consumer in a process of its own, to be killed. Arguments: URI, database, source."""

import asyncio
import sys

from chassis.consumer import Consumer
from chassis.mongo_records import MongoRecords
from tests.chassis.event_house import KINDS, noted, stub_of
from tests.driver import connect


async def main(uri: str, name: str, source: str) -> None:
    async with connect(uri, name) as database, stub_of(source) as stub:
        consumer = Consumer("follower", stub, MongoRecords(database, KINDS), {"bumped": noted})
        print("ready", flush=True)
        await consumer.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
