"""Logs that are trimmed by age, in memory and in MongoDB alike, and who comes back too late."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from comptoir.type.v1 import event_service_pb2 as pb

from chassis.config import ConfigError
from chassis.consumer import Consumer
from chassis.errors import AppError, Kind
from chassis.events import CursorTooOldError, LoggedEvent, MemoryLog, position_of
from chassis.memory_records import MemoryRecords
from chassis.mongo import Database
from chassis.mongo_log import MongoLog
from chassis.mongo_records import MongoRecords
from chassis.progress import CURSORS
from chassis.records import Records
from chassis.retention import KEPT_MIN, keep_trimmed, kept_for, trim
from chassis.sequencer import Sequencer
from chassis.signals import Signal
from tests.background import background
from tests.chassis.event_house import (
    KINDS,
    bump,
    noted,
    seen,
    served,
    stub_of,
    whole_log,
)
from tests.chassis.kept import NOON, Hand
from tests.waiting import until

HOUR = timedelta(hours=1)


async def nothing_to_move() -> None:
    """What is appended to a log in memory is in it at once."""


@dataclass(frozen=True)
class Book:
    """A log, the records whose writes it tells of, and the clock of both."""

    records: Records
    log: MemoryLog | MongoLog
    clock: Hand
    moved: Callable[[], Awaitable[object]] = field(default=nothing_to_move)

    async def tell(self, *hours: float) -> None:
        """One event for each, so many hours after NOON."""
        for hour in hours:
            self.clock.now = NOON + hour * HOUR
            await bump(self.records, "a")
        await self.moved()

    async def positions(self) -> list[int]:
        return [event.position for event in await self.events()]

    async def events(self) -> list[LoggedEvent]:
        return await whole_log(self.log)


@pytest.fixture
async def memory_book() -> Book:
    clock = Hand(NOON)
    records = MemoryRecords(KINDS, clock=clock)
    return Book(records, records.log, clock)


@pytest.fixture
async def mongo_book(database: Database) -> Book:
    clock = Hand(NOON)
    records = MongoRecords(database, KINDS, clock=clock)
    await records.ensure_indexes()
    log = MongoLog(database, Signal())
    await log.ensure_epoch()
    sequencer = Sequencer(database, outbox=Signal(), appended=Signal())
    return Book(records, log, clock, sequencer.move)


@pytest.fixture(params=["memory", "mongo"])
def book(request: pytest.FixtureRequest) -> Book:
    found: Book = request.getfixturevalue(f"{request.param}_book")
    return found


async def test_what_is_older_is_forgotten_and_the_rest_stays(book: Book) -> None:
    await book.tell(0, 1, 2, 3)

    assert await trim(book.log, before=NOON + 2 * HOUR) == 2
    assert await book.positions() == [3, 4]
    assert await trim(book.log, before=NOON + 2 * HOUR) == 0


async def test_the_newest_event_stays_and_positions_go_on_behind_it(book: Book) -> None:
    await book.tell(0, 1, 2)

    assert await trim(book.log, before=NOON + 99 * HOUR) == 2
    await book.tell(100)
    assert await book.positions() == [3, 4]


async def test_an_empty_log_is_trimmed_of_nothing(book: Book) -> None:
    assert await trim(book.log, before=NOON) == 0


async def test_an_event_of_a_slow_clock_makes_no_gap(book: Book) -> None:
    await book.tell(5, 0, 6)

    assert await trim(book.log, before=NOON + 3 * HOUR) == 0
    assert await book.positions() == [1, 2, 3]


async def test_one_look_forgets_no_more_than_its_bound(book: Book) -> None:
    await book.tell(*range(10))

    end = NOON + 99 * HOUR
    assert await trim(book.log, before=end, at_once_max=2, rounds_max=3) == 6
    assert await book.positions() == [7, 8, 9, 10]
    assert await trim(book.log, before=end, at_once_max=2, rounds_max=3) == 3


async def test_replicas_that_trim_at_once_forget_no_more_than_one(book: Book) -> None:
    await book.tell(*range(12))

    both = [trim(book.log, before=NOON + 7 * HOUR, at_once_max=2) for _ in range(4)]
    await asyncio.gather(*both)
    assert await book.positions() == [8, 9, 10, 11, 12]


async def test_what_one_write_told_is_forgotten_whole(book: Book) -> None:
    for hour in range(3):
        book.clock.now = NOON + hour * HOUR
        await bump(book.records, *"abc")
        await book.moved()

    assert await trim(book.log, before=NOON + HOUR, at_once_max=1) == 1
    assert await book.positions() == [4, 5, 6, 7, 8, 9]
    with pytest.raises(CursorTooOldError):
        await book.log.read(2, 10)
    assert (await book.log.oldest()).position == 3


async def test_a_reader_behind_the_trimmed_log_is_too_old(book: Book) -> None:
    await book.tell(0, 1, 2)
    await trim(book.log, before=NOON + 2 * HOUR)

    with pytest.raises(CursorTooOldError):
        await book.log.read(1, 10)
    assert (await book.log.read(2, 10)).position == 3
    assert (await position_of(book.log, "")).position == 2


async def test_a_service_forgets_what_is_older_than_it_keeps(book: Book) -> None:
    await book.tell(0, 1, 2, 3)
    book.clock.now = NOON + 4 * HOUR

    async def is_trimmed() -> bool:
        return (await book.log.oldest()).position == 2

    async with background(keep_trimmed(book.log, kept=2 * HOUR, clock=book.clock)):
        await until(is_trimmed)


class AwayError(AppError):
    kind, reason = Kind.UNAVAILABLE, "AWAY"


async def test_an_engine_that_is_away_ends_no_trimming(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.retention.LOOK_S", 0.01)
    await book.tell(0, 1, 2)

    class Returning:
        def __init__(self) -> None:
            self.asked_count = 0

        async def trim(self, before: object, limit: int) -> int:
            self.asked_count += 1
            if self.asked_count == 1:
                raise AwayError("not now")
            return await book.log.trim(NOON + HOUR, limit)

    async def is_trimmed() -> bool:
        return (await book.log.oldest()).position == 1

    async with background(keep_trimmed(Returning(), kept=HOUR, clock=book.clock)):
        await until(is_trimmed)


async def test_a_consumer_that_comes_too_late_goes_on_from_its_snapshot(book: Book) -> None:
    """The effects of what was forgotten come from the snapshot, the rest from the log."""
    await book.tell(0)
    store = MemoryRecords(KINDS)
    async with served(book.log) as address, stub_of(address) as stub:

        async def snapshot() -> str:
            return str((await stub.GetHead(pb.GetHeadRequest())).cursor)

        async def comes_to(*revisions: int) -> None:
            async def has_come() -> bool:
                return await seen(store, "a") == revisions

            follower = Consumer("late", stub, store, {"bumped": noted}, resync=snapshot)
            async with background(follower.run()):
                await until(has_come)

        await comes_to(1)
        await book.tell(1, 2, 3)
        await trim(book.log, before=NOON + 3 * HOUR)
        resumed = asyncio.create_task(comes_to(1, 5))
        await until(lambda: has_resynced(store))
        await book.tell(4)
        await resumed


async def has_resynced(store: Records) -> bool:
    """The new cursor has no position of its own yet."""
    cursor = await store.find(CURSORS, "late")
    return cursor is not None and cursor.position == 0


@pytest.mark.parametrize("retention_s", [-1.0, 0.0, 3599.0, float("inf"), float("nan")])
def test_a_log_shorter_than_revocations_need_is_refused(retention_s: float) -> None:
    with pytest.raises(ConfigError, match="3600 seconds or more"):
        kept_for(retention_s)
    assert kept_for(3600) == KEPT_MIN
