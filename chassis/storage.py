"""Where a service keeps things: its database with records and event log, and Redis beside it."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from chassis import mongo, redis
from chassis.engine import EngineClock, check_engine
from chassis.mongo_drivers import DriverName
from chassis.mongo_log import MongoLog
from chassis.mongo_records import MongoRecords
from chassis.pool_waits import PoolWaits
from chassis.records import Kind
from chassis.redis import Wake
from chassis.telemetry import MongoSpans


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where a service's database and Redis are.

    Attributes:
        mongo_uri_file: Holds the URI of a replica set.
        database: Its own; nothing else writes there.
        mongo_driver: `motor` or `pymongo`; what is kept is the same.
        redis_url: Of a Redis that may be away.
        restored: Names the restore its database comes from, anew each time: positions in the
            log then mean other events than before, and the first start with a name says so.
    """

    mongo_uri_file: Path
    database: str
    redis_url: str
    restored: str = ""
    mongo_driver: DriverName = DriverName.MOTOR


@dataclass(frozen=True, kw_only=True)
class Storage:
    """What is open while a service serves.

    Attributes:
        clock: The engine's: a server whose own clock is days ahead forgets nothing early.
        outbox: Set when events wait for a position.
        appended: Set when they have one.
    """

    database: mongo.Database
    clock: EngineClock
    records: MongoRecords
    log: MongoLog
    redis: redis.Client
    outbox: Wake
    appended: Wake


@asynccontextmanager
async def storage_at(
    settings: Settings, kinds: Iterable[Kind[Any]], registry: CollectorRegistry
) -> AsyncIterator[Storage]:
    """Open all of it, with collections and indexes for `kinds`.

    Raises OSError without its URI, what `check_engine` does for an engine that will not do, and
    what reading and writing do.
    """
    async with (
        mongo.connect(
            settings.mongo_uri_file.read_text().strip(),
            settings.database,
            driver=settings.mongo_driver,
            listeners=[MongoSpans(), PoolWaits(registry)],
        ) as database,
        redis.connect(settings.redis_url) as client,
    ):
        await check_engine(database)
        clock = EngineClock()
        await clock.read(database)
        outbox = Wake(client, f"{settings.database}:outbox")
        appended = Wake(client, f"{settings.database}:log")
        records = MongoRecords(database, list(kinds), clock=clock, committed=outbox.set)
        await records.ensure_indexes()
        log = MongoLog(database, appended)
        await log.ensure_epoch(settings.restored)
        yield Storage(
            database=database,
            clock=clock,
            records=records,
            log=log,
            redis=client,
            outbox=outbox,
            appended=appended,
        )
