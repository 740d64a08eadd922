"""A service's database put back to an earlier point, under followers that had seen more."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import grpc
import pytest
from comptoir.type.v1 import event_service_pb2 as pb

from chassis.changes import Changed
from chassis.consumer import Consumer
from chassis.events import encode_cursor
from chassis.memory_records import MemoryRecords
from chassis.mongo import Database
from chassis.mongo_log import MongoLog
from chassis.mongo_records import MongoRecords
from chassis.progress import CURSORS
from chassis.records import Ref
from chassis.requests import Request, request_for
from chassis.sequencer import Sequencer
from chassis.signals import Signal
from tests import backup
from tests.background import background
from tests.chassis.event_house import KINDS, THINGS, Thing, bump, noted, seen, served, stub_of
from tests.serving import reason_of
from tests.waiting import until

Started = tuple[MongoRecords, MongoLog, Any]


@asynccontextmanager
async def started(database: Database, *, restored: str = "") -> AsyncIterator[Started]:
    """A service on the database: what it writes, its log, and a stub to follow it by."""
    outbox, appended = Signal(), Signal()
    records = MongoRecords(database, KINDS, committed=outbox.set)
    await records.ensure_indexes()
    log = MongoLog(database, appended)
    await log.ensure_epoch(restored)
    sequencer = Sequencer(database, outbox=outbox, appended=appended)
    async with served(log) as address, stub_of(address) as stub, background(sequencer.run()):
        yield records, log, stub


async def sequenced(log: MongoLog, count: int) -> None:
    async def are_there() -> bool:
        return (await log.head()).position >= count

    await until(are_there)


async def has_seen(follower: MemoryRecords, last_revision: int) -> None:
    async def is_there() -> bool:
        return last_revision in await seen(follower, "a")

    await until(is_there)


async def followed(stub: Any, follower: MemoryRecords, until_revision: int) -> None:
    """By a consumer that takes its snapshot whenever it must, and then has all up to there."""

    async def snapshot() -> str:
        return str((await stub.GetHead(pb.GetHeadRequest())).cursor)

    consumer = Consumer("follower", stub, follower, {"bumped": noted}, resync=snapshot)
    async with background(consumer.run()):
        await has_seen(follower, until_revision)


async def bumped(records: MongoRecords, count: int) -> None:
    for _ in range(count):
        await bump(records, "a")


async def restored_behind_its_follower(
    database: Database, follower: MemoryRecords, *, restored: str
) -> tuple[int, ...]:
    """What a follower sees of ten events, five of which are lost, and of three that come then."""
    async with started(database) as (records, log, stub):
        await bumped(records, 5)
        await sequenced(log, 5)
        kept = await backup.taken(database)
        await bumped(records, 5)
        await followed(stub, follower, 10)
    await backup.put_back(database, kept)
    async with started(database, restored=restored) as (records, log, stub):
        await bumped(records, 6)
        await sequenced(log, 11)
        if restored:
            await has_resynced(stub, follower)
            await bumped(records, 1)
        await followed(stub, follower, 12 if restored else 11)
    return (await seen(follower, "a"))[10:]


async def has_resynced(stub: Any, follower: MemoryRecords) -> None:
    async def snapshot() -> str:
        done.set()
        return str((await stub.GetHead(pb.GetHeadRequest())).cursor)

    done = asyncio.Event()
    before = await follower.find(CURSORS, "follower")

    async def has_moved() -> bool:
        return await follower.find(CURSORS, "follower") != before

    consumer = Consumer("follower", stub, follower, {"bumped": noted}, resync=snapshot)
    async with background(consumer.run()):
        await done.wait()
        await until(has_moved)


async def test_a_follower_ahead_of_a_restored_log_takes_a_snapshot_and_misses_nothing_after(
    database: Database,
) -> None:
    follower = MemoryRecords(KINDS)
    assert await restored_behind_its_follower(database, follower, restored="noon") == (12,)


async def test_without_a_new_epoch_it_takes_other_events_for_those_it_has_seen(
    database: Database,
) -> None:
    """The control: what positions mean has changed, and nobody was told."""
    follower = MemoryRecords(KINDS)
    assert await restored_behind_its_follower(database, follower, restored="") == (11,)


async def test_positions_go_on_from_the_restored_ones_and_old_cursors_are_refused(
    database: Database,
) -> None:
    async with started(database) as (records, log, _):
        await bumped(records, 3)
        await sequenced(log, 3)
        kept = await backup.taken(database)
        await bumped(records, 4)
        await sequenced(log, 7)
        old = await log.head()
    await backup.put_back(database, kept)
    async with started(database, restored="noon") as (records, log, stub):
        await bumped(records, 1)
        await sequenced(log, 4)
        request = pb.WatchEventsRequest()
        first = await stub.WatchEvents(request).read()
        assert [(e.position, e.revision) for e in first.events] == [(n, n) for n in range(1, 5)]
        request.cursor = encode_cursor(old)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.WatchEvents(request).read()
    assert reason_of(refused.value) == "CURSOR_TOO_OLD"


async def test_an_epoch_begins_once_for_each_restore_whoever_starts_first(
    database: Database,
) -> None:
    logs = [MongoLog(database, Signal()) for _ in range(4)]
    await logs[0].ensure_epoch()

    async def epochs_after(*restored: str) -> list[str]:
        await asyncio.gather(*(log.ensure_epoch(name) for log in logs for name in restored))
        return [(await log.head()).epoch for log in logs]

    first = await epochs_after("")
    noon = await epochs_after("noon")
    assert len(set(first)) == len(set(noon)) == 1
    assert first != noon
    # A pod that starts again, and one whose configuration says nothing of it any more.
    assert await epochs_after("noon") == await epochs_after("") == noon
    assert await epochs_after("evening") != noon


async def test_the_outbox_comes_back_with_the_log_and_is_sequenced(database: Database) -> None:
    """A backup taken between a write and its position."""
    records = MongoRecords(database, KINDS)
    await records.ensure_indexes()
    await bumped(records, 2)
    kept = await backup.taken(database)
    await backup.put_back(database, kept)
    async with started(database, restored="noon") as (_, log, _):
        await sequenced(log, 2)
        assert [event.revision for event in (await log.read(0, 9)).events] == [1, 2]


async def test_what_was_asked_before_the_backup_is_not_done_again_and_what_came_after_is(
    database: Database,
) -> None:
    """Its caller may have the answer, but the house has it no more: a repeat does it anew."""
    before, after = (asked(str(uuid4())) for _ in range(2))
    async with started(database) as (records, _, _):
        await made(records, before)
        kept = await backup.taken(database)
        await made(records, after)
    await backup.put_back(database, kept)
    async with started(database, restored="noon") as (records, _, _):
        assert await records.find(THINGS, after.made_id) is None
        for request in (before, after, after):
            assert await made(records, request) == request.made_id
        things = await records.find_many(THINGS, [before.made_id, after.made_id])
    assert {thing.revision for thing in things.values()} == {1}


def asked(request_id: str) -> Request:
    return request_for(subject="anna", method="Make", request_id=request_id, body=b"")


async def made(records: MongoRecords, request: Request) -> str:
    """A thing under the request's own id; made twice it would be there already."""
    thing = Thing(request.made_id, 1)
    return await records.update(
        [Ref(THINGS, "another")],
        lambda _: Changed(answer=thing.thing_id, records=(thing,)),
        answer=str,
        request=request,
        timeout_s=20,
    )
