"""Positions: dense, none lost, in order for each key, whoever is killed."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from chassis.changes import Event
from chassis.events import LoggedEvent
from chassis.mongo import Database
from chassis.mongo_log import MongoLog
from chassis.mongo_records import MongoRecords
from chassis.sequencer import BATCH_MAX, Sequencer, in_order
from chassis.signals import Signal
from chassis.writes import event_to_document
from tests.background import background
from tests.chassis.event_house import KINDS, bump, killed, spawned, whole_log
from tests.waiting import until

WRITERS = 8
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
async def log(database: Database) -> MongoLog:
    opened = MongoLog(database, Signal())
    await opened.ensure_epoch()
    return opened


@pytest.fixture
async def records(database: Database) -> MongoRecords:
    opened = MongoRecords(database, KINDS)
    await opened.ensure_indexes()
    return opened


async def write(records: MongoRecords, name: str, count: int) -> None:
    """Each writer bumps its own thing and one that all of them bump."""
    for n in range(count):
        await bump(records, "shared" if n % 10 == 0 else name)


async def all_written(records: MongoRecords, each_count: int) -> None:
    await asyncio.gather(*(write(records, f"thing-{w}", each_count) for w in range(WRITERS)))


async def outbox_is_empty(database: Database) -> bool:
    return await database.collection("outbox").find_one() is None


def revisions_by_key(events: Iterable[LoggedEvent]) -> dict[str, list[int]]:
    found = defaultdict(list)
    for event in events:
        found[event.key].append(event.revision)
    return found


def assert_complete(events: list[LoggedEvent], each_count: int) -> None:
    assert [event.position for event in events] == list(range(1, WRITERS * each_count + 1))
    for revisions in revisions_by_key(events).values():
        assert revisions == list(range(1, len(revisions) + 1))


async def test_of_many_writers_and_sequencers_no_event_is_lost_or_out_of_order(
    database: Database, log: MongoLog, records: MongoRecords
) -> None:
    pace = [Signal(pause_s=0.002) for _ in range(3)]
    sequencers = [Sequencer(database, outbox=s, appended=Signal()) for s in pace]

    async with background(*(sequencer.run() for sequencer in sequencers)):
        await all_written(records, 250)
        await until(lambda: outbox_is_empty(database))

    assert_complete(await whole_log(log), 250)


async def test_a_sequencer_killed_in_mid_stream_loses_nothing(
    database: Database, log: MongoLog, records: MongoRecords, mongo_uri: str
) -> None:
    writing = asyncio.create_task(all_written(records, 40))
    for _ in range(3):
        head = (await log.head()).position
        process = await spawned("run_sequencer", mongo_uri, database.name)

        async def has_moved(before: int = head) -> bool:
            return (await log.head()).position > before or writing.done()

        await until(has_moved)
        await killed(process)
    await writing

    async with background(Sequencer(database, outbox=Signal(), appended=Signal()).run()):
        await until(lambda: outbox_is_empty(database))
    assert_complete(await whole_log(log), 40)


async def test_of_one_key_the_first_goes_first_however_far_behind_it_stands(
    database: Database, log: MongoLog
) -> None:
    """As on a member that has become primary: it applied what it had of the one before side by
    side."""
    keys = [("lamp", 2), *((f"thing-{n}", 1) for n in range(BATCH_MAX)), ("lamp", 1)]
    events = [event_to_document(Event("bumped", *each), NOW) for each in keys]
    await database.collection("outbox").insert_many(events)
    sequencer = Sequencer(database, outbox=Signal(), appended=Signal())
    moved = [await sequencer.move() for _ in range(3)]

    assert moved == [BATCH_MAX, len(keys) - BATCH_MAX, 0]
    told = await whole_log(log)
    assert [event.position for event in told] == list(range(1, len(keys) + 1))
    assert revisions_by_key(told)["lamp"] == [1, 2]


def test_events_of_one_key_go_by_revision_in_the_places_they_came_in() -> None:
    came = [("a", 2), ("b", 7), ("a", 1), ("c", 1), ("b", 6)]
    documents = [{"key": key, "revision": revision} for key, revision in came]

    placed = [(event["key"], event["revision"]) for event in in_order(documents)]

    assert placed == [("a", 1), ("b", 6), ("a", 2), ("c", 1), ("b", 7)]
