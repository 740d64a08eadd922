"""What a reader takes of the log in MongoDB, and what it costs the engine and the driver."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from uuid import uuid4

import pytest
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from chassis.changes import Event
from chassis.events import CursorTooOldError
from chassis.mongo import Database, Document
from chassis.mongo_drivers import DriverName
from chassis.mongo_log import FEW_MAX, LOG, MongoLog
from chassis.packing import EVENTS_MAX, packed, placed
from chassis.signals import Signal
from chassis.writes import event_to_document
from tests.driver import connect, on_both_drivers

NOW = datetime(2026, 1, 2, tzinfo=UTC)


@dataclass
class Sent(CommandListener):
    """Documents that each answer of the engine held, in order."""

    counts: list[int] = field(default_factory=list)

    def started(self, event: CommandStartedEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...

    def succeeded(self, event: CommandSucceededEvent) -> None:
        cursor = event.reply.get("cursor", {})
        for batch in ("firstBatch", "nextBatch"):
            if cursor.get("ns", "").endswith(f".{LOG}") and batch in cursor:
                self.counts.append(len(cursor[batch]))


@dataclass(frozen=True)
class Book:
    database: Database
    log: MongoLog
    sent: Sent

    async def tell(self, sizes: Iterable[int]) -> int:
        """A document of so many events for each, for 0 one of before. Answers the last position."""
        documents, behind = list[Document](), 0
        for size in sizes:
            events = [event_to_document(Event("told", "a", 1), NOW) for _ in range(size or 1)]
            made = placed(packed(events), behind) if size else [{**events[0], "_id": behind + 1}]
            documents += made
            behind = documents[-1]["_id"]
        await self.database.collection(LOG).insert_many(documents)
        self.sent.counts.clear()
        return behind


@asynccontextmanager
async def opened(mongo_uri: str, driver: DriverName) -> AsyncIterator[Book]:
    sent, name = Sent(), f"comptoir_test_{uuid4().hex}"
    async with connect(mongo_uri, name, driver=driver, listeners=[sent]) as database:
        log = MongoLog(database, Signal())
        await log.ensure_epoch()
        try:
            yield Book(database, log, sent)
        finally:
            await database.drop()


@pytest.fixture
async def book(mongo_uri: str, mongo_driver: DriverName) -> AsyncIterator[Book]:
    async with opened(mongo_uri, mongo_driver) as made:
        yield made


@on_both_drivers
async def test_who_is_far_behind_is_sent_little_that_he_does_not_take(book: Book) -> None:
    await book.tell([EVENTS_MAX] * 40)

    batch = await book.log.read(50, 200)

    assert [event.position for event in batch.events] == list(range(51, 251))
    assert book.sent.counts == [FEW_MAX]


@on_both_drivers
async def test_of_small_documents_all_that_are_taken_come_in_two_answers(book: Book) -> None:
    await book.tell([0] * 100 + [1] * 300)

    batch = await book.log.read(0, 200)

    assert [event.position for event in batch.events] == list(range(1, 201))
    assert book.sent.counts == [FEW_MAX, 200 - FEW_MAX]


async def test_who_is_at_the_end_asks_once(book: Book) -> None:
    end = await book.tell([3] * (FEW_MAX - 1))

    assert (await book.log.read(0, 200)).position == end
    assert (await book.log.read(end, 200)) == ((), end)
    assert book.sent.counts == [FEW_MAX - 1, 0]


@pytest.mark.parametrize("seed", range(4))
async def test_however_events_are_packed_a_read_takes_as_many_as_it_may(
    book: Book, seed: int
) -> None:
    chance = Random(seed)
    sizes = [chance.choice([1, 2, 7, 60, EVENTS_MAX]) for _ in range(60)]
    end = await book.tell([0] * 20 + sizes)
    position = 0
    while position < end:
        limit = chance.choice([1, 3, 50, 200, 500])
        batch = await book.log.read(position, limit)
        assert batch.position == min(position + limit, end)
        assert [e.position for e in batch.events] == list(range(position + 1, batch.position + 1))
        position = batch.position


async def test_what_was_trimmed_under_a_reader_is_a_gap_and_no_end(book: Book) -> None:
    end = await book.tell([10] * 40)
    gone = {"_id": {"$gt": 10 * FEW_MAX, "$lt": end}}
    await book.database.collection(LOG).delete_many(gone)

    assert (await book.log.read(0, 200)).position == 10 * FEW_MAX
    with pytest.raises(CursorTooOldError):
        await book.log.read(10 * FEW_MAX, 200)
