"""Each event's effect happens once, whatever fails or is killed, in the order of its key."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from comptoir.type.v1 import event_service_pb2 as pb

from chassis.changes import Changed
from chassis.consumer import Consumer, spoken
from chassis.errors import AppError, Kind
from chassis.events import MemoryLog
from chassis.memory_records import MemoryRecords
from chassis.mongo import Database
from chassis.mongo_log import MongoLog
from chassis.mongo_records import MongoRecords
from chassis.progress import CURSORS, PARKED, Effect
from chassis.records import Records, State, Where
from chassis.sequencer import Sequencer
from chassis.signals import Signal
from tests.background import background
from tests.chassis.event_house import KINDS, bump, killed, noted, seen, served, spawned, stub_of
from tests.conftest import MakeRecords
from tests.waiting import until


class AwayError(AppError):
    kind, reason = Kind.UNAVAILABLE, "AWAY"


@dataclass(frozen=True)
class Source:
    """A service in memory, whose events are followed."""

    records: MemoryRecords
    log: MemoryLog
    stub: Any


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    records = MemoryRecords(KINDS)
    async with served(records.log) as address, stub_of(address) as stub:
        yield Source(records, records.log, stub)


@pytest.fixture
async def store(records: MakeRecords) -> Records:
    return await records(KINDS)


async def position(store: Records) -> int:
    cursor = await store.find(CURSORS, "follower")
    return cursor.position if cursor else 0


async def has_come_to(store: Records, wanted: int) -> None:
    async def is_there() -> bool:
        return await position(store) >= wanted

    await until(is_there)


async def test_effects_happen_once_over_restarts(source: Source, store: Records) -> None:
    for round_number in range(1, 4):
        for _ in range(5):
            await bump(source.records, "a")
        consumer = Consumer("follower", source.stub, store, {"bumped": noted})
        async with background(consumer.run()):
            await has_come_to(store, 5 * round_number)

    assert await seen(store, "a") == tuple(range(1, 16))


async def test_three_replicas_have_each_effect_once(source: Source, store: Records) -> None:
    replicas = [Consumer("follower", source.stub, store, {"bumped": noted}) for _ in range(3)]
    async with background(*(replica.run() for replica in replicas)):
        for n in range(60):
            await bump(source.records, f"k{n % 3}")
        await has_come_to(store, 60)

    for n in range(3):
        assert await seen(store, f"k{n}") == tuple(range(1, 21))


async def test_an_event_without_effect_only_moves_the_cursor(
    source: Source, store: Records
) -> None:
    for _ in range(3):
        await bump(source.records, "a")
    async with background(
        Consumer("follower", source.stub, store, {"bumped": lambda event: None}).run()
    ):
        await has_come_to(store, 3)
    assert await seen(store, "a") == ()


def poisoned(event: pb.Event) -> Effect:
    if (event.key, event.revision) == ("bad", 2):
        raise LookupError
    return noted(event)


async def test_poison_is_parked_with_its_key_and_done_in_order_when_retried(
    source: Source, store: Records, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(4):
        await bump(source.records, "bad")
        await bump(source.records, "good")
    async with background(Consumer("follower", source.stub, store, {"bumped": poisoned}).run()):
        await has_come_to(store, 8)

    assert await seen(store, "bad") == (1,)
    assert await seen(store, "good") == (1, 2, 3, 4)
    parked = await store.select(PARKED, Where(limit=10))
    assert [p.cause for p in parked] == ["LookupError", "BehindAnother", "BehindAnother"]
    assert "event parked: follower bumped bad" in caplog.text

    still_poisoned = Consumer("follower", source.stub, store, {"bumped": poisoned})
    assert await still_poisoned.retry_parked("bad") == (0, "LookupError")
    healed = Consumer("follower", source.stub, store, {"bumped": noted})
    # Two operators at once are one too many, not one effect too many.
    done = await asyncio.gather(healed.retry_parked("bad"), healed.retry_parked("bad"))
    assert max(retried.taken_count for retried in done) <= 3
    assert await seen(store, "bad") == (1, 2, 3, 4)
    assert await store.select(PARKED, Where(limit=10)) == []

    await bump(source.records, "bad")
    async with background(healed.run()):
        await has_come_to(store, 9)
    assert await seen(store, "bad") == (1, 2, 3, 4, 5)


async def test_a_failure_that_passes_parks_nothing(source: Source, store: Records) -> None:
    failures_left = 7

    def away(event: pb.Event) -> Effect:
        def change(state: State) -> Changed[None]:
            nonlocal failures_left
            failures_left -= 1
            if failures_left > 0:
                raise AwayError("not now")
            return noted(event).change(state)

        return Effect(noted(event).refs, change)

    await bump(source.records, "a")
    async with background(Consumer("follower", source.stub, store, {"bumped": away}).run()):
        await has_come_to(store, 1)
    assert await seen(store, "a") == (1,)
    assert await store.select(PARKED, Where(limit=1)) == []


async def test_a_cursor_too_old_goes_on_where_the_owner_says(
    source: Source, store: Records
) -> None:
    await bump(source.records, "a")
    async with background(Consumer("follower", source.stub, store, {"bumped": noted}).run()):
        await has_come_to(store, 1)
    for _ in range(3):
        await bump(source.records, "a")
    await source.log.begin_epoch()

    async def head() -> str:
        noted_head = await source.stub.GetHead(pb.GetHeadRequest())
        await bump(source.records, "a")
        return str(noted_head.cursor)

    consumer = Consumer("follower", source.stub, store, {"bumped": noted}, resync=head)
    async with background(consumer.run()):
        await has_come_to(store, 5)
    assert await seen(store, "a") == (1, 5)


async def test_a_source_that_is_away_is_waited_for(store: Records) -> None:
    records = MemoryRecords(KINDS)
    async with served(records.log) as address:
        port = int(address.rpartition(":")[2])
    await bump(records, "a")
    async with stub_of(address) as stub:
        async with background(Consumer("follower", stub, store, {"bumped": noted}).run()):
            for wanted in (1, 2):
                async with served(records.log, port=port):
                    await has_come_to(store, wanted)
                await bump(records, "a")
    assert await seen(store, "a") == (1, 2)


async def test_who_is_cancelled_as_the_source_falls_silent_is_cancelled() -> None:
    """Taken for silence, the cancellation would be lost, and a service would never end."""
    hung_up = asyncio.Event()

    class Silent:
        """A call that ends as gRPC's do: cancelled from here, with a CancelledError."""

        def __aiter__(self) -> "Silent":
            return self

        async def __anext__(self) -> pb.WatchEventsResponse:
            await hung_up.wait()
            raise asyncio.CancelledError

        def cancel(self) -> None:
            hung_up.set()

    async def listen() -> None:
        async for _ in spoken(Silent(), silence_s_max=0):
            pass

    listening = asyncio.create_task(listen())
    await hung_up.wait()
    listening.cancel()
    await asyncio.wait([listening])
    assert listening.cancelled()


async def test_a_consumer_killed_in_mid_stream_has_each_effect_once(
    database: Database, mongo_uri: str
) -> None:
    outbox, appended = Signal(), Signal()
    records = MongoRecords(database, KINDS, committed=outbox.set)
    await records.ensure_indexes()
    log = MongoLog(database, appended)
    await log.ensure_epoch()
    sequencer = Sequencer(database, outbox=outbox, appended=appended)
    async with served(log) as address, background(sequencer.run()):
        for n in range(300):
            await bump(records, f"k{n % 3}")
        for wanted in (20, 60, 100):
            process = await spawned("run_consumer", mongo_uri, database.name, address)
            await has_come_to(records, wanted)
            await killed(process)
        async with stub_of(address) as stub:
            async with background(Consumer("follower", stub, records, {"bumped": noted}).run()):
                await has_come_to(records, 300)
    for n in range(3):
        assert await seen(records, f"k{n}") == tuple(range(1, 101))
