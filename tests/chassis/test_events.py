"""The log as others see it, over real gRPC: in memory and in MongoDB alike."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import grpc
import pytest
from comptoir.type.v1 import event_service_pb2 as pb
from google.protobuf import wrappers_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from chassis import event_servicer, redis
from chassis.clock import utc_now
from chassis.events import EventLog, MemoryLog
from chassis.memory_records import MemoryRecords
from chassis.mongo import Database
from chassis.mongo_log import MongoLog
from chassis.mongo_records import MongoRecords
from chassis.records import Records
from chassis.remote import app_error_from
from chassis.sequencer import Sequencer
from chassis.signals import Signal
from tests.background import background
from tests.chassis.event_house import KINDS, bump, served, stub_of
from tests.waiting import until


@dataclass(frozen=True)
class House:
    records: Records
    log: MemoryLog | MongoLog
    stub: Any


@asynccontextmanager
async def house_of(records: Records, log: MemoryLog | MongoLog) -> AsyncIterator[House]:
    async with served(log) as address, stub_of(address) as stub:
        yield House(records, log, stub)


@pytest.fixture
async def memory_house() -> AsyncIterator[House]:
    records = MemoryRecords(KINDS)
    async with house_of(records, records.log) as house:
        yield house


@pytest.fixture
async def mongo_house(database: Database) -> AsyncIterator[House]:
    outbox, appended = Signal(), Signal()
    records = MongoRecords(database, KINDS, committed=outbox.set)
    await records.ensure_indexes()
    log = MongoLog(database, appended)
    await log.ensure_epoch()
    sequencer = Sequencer(database, outbox=outbox, appended=appended)
    async with house_of(records, log) as house, background(sequencer.run()):
        yield house


@pytest.fixture(params=["memory", "mongo"])
def house(request: pytest.FixtureRequest) -> House:
    found: House = request.getfixturevalue(f"{request.param}_house")
    return found


async def next_events(call: Any, count: int) -> list[pb.Event]:
    """As many as `count`, over bookmarks and batches."""
    events: list[pb.Event] = []
    async with asyncio.timeout(10):
        while len(events) < count:
            events += (await call.read()).events
    return events


async def head_is(log: EventLog, position: int) -> bool:
    return (await log.head()).position == position


async def reason_of(stub: Any, cursor: str) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub.WatchEvents(pb.WatchEventsRequest(cursor=cursor)).read()
    return app_error_from(caught.value).reason


async def test_events_come_in_order_with_their_details_and_then_as_they_happen(
    house: House,
) -> None:
    for _ in range(3):
        await bump(house.records, "a")
    call = house.stub.WatchEvents(pb.WatchEventsRequest())
    events = await next_events(call, 3)
    await bump(house.records, "b")
    events += await next_events(call, 1)

    assert [(e.position, e.key, e.revision) for e in events] == [
        (1, "a", 1),
        (2, "a", 2),
        (3, "a", 3),
        (4, "b", 1),
    ]
    label = wrappers_pb2.StringValue()
    assert events[3].detail.Unpack(label)
    assert label.value == "b!"
    assert events[3].occur_time.seconds > 0
    call.cancel()


async def test_a_reader_takes_no_more_than_it_asks_for_and_goes_on_within_a_write(
    house: House,
) -> None:
    await bump(house.records, *"abc")
    await bump(house.records, *"de")
    await until(lambda: head_is(house.log, 5))

    for position in range(6):
        for limit in range(1, 7):
            batch = await house.log.read(position, limit)
            assert "".join(e.key for e in batch.events) == "abcde"[position:][:limit]
            assert batch.position == min(position + limit, 5)
    assert (await house.log.read(1, 3, ["renamed"])) == ((), 4)


async def test_of_a_write_since_an_instant_every_event_is_told(house: House) -> None:
    begun = utc_now() - timedelta(minutes=5)
    await bump(house.records, *"abc")
    await until(lambda: head_is(house.log, 3))

    assert (await house.log.since(begun)).position == 0
    assert (await house.log.since(utc_now() + timedelta(minutes=5))).position == 3


async def test_a_cursor_goes_on_behind_the_last_response(house: House) -> None:
    await bump(house.records, "a")
    await until(lambda: head_is(house.log, 1))
    head = (await house.stub.GetHead(pb.GetHeadRequest())).cursor
    await bump(house.records, "b")

    call = house.stub.WatchEvents(pb.WatchEventsRequest(cursor=head))
    assert [event.key for event in await next_events(call, 1)] == ["b"]
    call.cancel()


async def test_silence_is_broken_by_bookmarks_that_move_over_other_names(house: House) -> None:
    call = house.stub.WatchEvents(pb.WatchEventsRequest(names=["renamed"]))
    first = await call.read()
    await bump(house.records, "a")
    second = await call.read()

    assert (list(first.events), list(second.events)) == ([], [])
    assert first.cursor != second.cursor
    call.cancel()


async def test_a_large_answer_comes_in_parts_and_each_has_its_cursor(
    memory_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for thing in "abcde":
        await bump(memory_house.records, thing)
    watch = memory_house.stub.WatchEvents
    (event, *_) = await next_events(watch(pb.WatchEventsRequest()), 5)
    monkeypatch.setattr(event_servicer, "RESPONSE_BYTES_MAX", 2 * event.ByteSize())
    call = watch(pb.WatchEventsRequest())
    parts = [await call.read() for _ in range(3)]
    following = await next_events(watch(pb.WatchEventsRequest(cursor=parts[1].cursor)), 1)

    assert [[e.key for e in part.events] for part in parts] == [["a", "b"], ["c", "d"], ["e"]]
    assert following[0].key == "e"
    call.cancel()


async def test_what_no_cursor_was_made_by_us_is_invalid(house: House) -> None:
    for cursor in ("!", "abc", base64.b64encode(b"epoch -1").decode(), "é"):
        assert await reason_of(house.stub, cursor) == "INVALID_CURSOR"


async def test_a_time_beyond_all_calendars_is_no_place_to_begin(house: House) -> None:
    for since_time in (
        Timestamp(nanos=-1),
        Timestamp(nanos=2_000_000_000),
        Timestamp(seconds=2**63 - 1),
        Timestamp(seconds=-(2**63)),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await house.stub.WatchEvents(pb.WatchEventsRequest(since_time=since_time)).read()
        error = app_error_from(caught.value)
        assert error.reason == "INVALID_CURSOR"
        assert [violation.field for violation in error.violations] == ["since_time"]


async def test_a_cursor_is_too_old_when_what_follows_is_gone(house: House) -> None:
    old = (await house.stub.GetHead(pb.GetHeadRequest())).cursor
    for _ in range(3):
        await bump(house.records, "a")
    await until(lambda: head_is(house.log, 3))
    await house.log.trim(utc_now() + timedelta(days=1), 10)

    assert await reason_of(house.stub, old) == "CURSOR_TOO_OLD"
    call = house.stub.WatchEvents(pb.WatchEventsRequest())
    assert [event.position for event in await next_events(call, 1)] == [3]
    call.cancel()


async def test_a_cursor_of_another_epoch_or_ahead_of_the_log_is_too_old(house: House) -> None:
    head = (await house.stub.GetHead(pb.GetHeadRequest())).cursor
    epoch = base64.urlsafe_b64decode(head).decode().split(" ")[0]
    ahead = base64.urlsafe_b64encode(f"{epoch} 7".encode()).decode()

    assert await reason_of(house.stub, ahead) == "CURSOR_TOO_OLD"
    await house.log.begin_epoch()
    assert await reason_of(house.stub, head) == "CURSOR_TOO_OLD"


async def test_new_events_arrive_though_nobody_looks_by_itself(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = house.stub.WatchEvents(pb.WatchEventsRequest())
    await call.read()
    monkeypatch.setattr(Signal, "pause_s", 3600.0)
    for _ in range(50):
        await bump(house.records, "a")
        await next_events(call, 1)
    call.cancel()


async def test_another_replica_is_woken_by_redis(database: Database, redis_url: str) -> None:
    async with redis.connect(redis_url) as client:
        wakes = [redis.Wake(client, f"{database.name}:log") for _ in range(2)]
        outbox = Signal()
        records = MongoRecords(database, KINDS, committed=outbox.set)
        await records.ensure_indexes()
        log = MongoLog(database, wakes[1])
        await log.ensure_epoch()
        sequencer = Sequencer(database, outbox=outbox, appended=wakes[0])
        async with background(*(wake.run() for wake in wakes), sequencer.run()):
            await until(lambda: asyncio.sleep(0, all(wake.well for wake in wakes)))
            heard = wakes[1].next()
            await bump(records, "a")
            async with asyncio.timeout(0.4):  # Sooner than its own sweep.
                await heard.wait()
            assert await head_is(log, 1)
